// SPDX-License-Identifier: Apache-2.0
// yaml-cpp's static archive is compiled for programs, not for shared libraries: it reads glibc's
// __libc_single_threaded in a way that only a definition of our own can satisfy here. "No" is
// always a right answer (shared_ptr then counts atomically), and also spares a symbol of
// glibc 2.32.

extern "C" const char __libc_single_threaded;
extern "C" const char __libc_single_threaded = 0;
