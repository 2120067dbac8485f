// SPDX-License-Identifier: Apache-2.0
// diagnosis_texts LANGUAGE.yaml... OUT.cpp: part of the build, see src/diagnosis/CMakeLists.txt.
#include <fstream>
#include <iostream>

#include "platform/root.h"
#include "platform/yaml.h"

namespace gpud {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string TextOf(const YamlNode& node, std::string_view key) {
  for (const YamlMember& member : node.members) {
    if (member.key != key) continue;
    if (member.value.kind != YamlNode::Kind::kList) return Quoted(member.value.text);
    std::string lines;
    for (const YamlNode& item : member.value.items) {
      lines += (lines.empty() ? "" : "\\n") + Quoted(item.text).substr(1);
      lines.pop_back();
    }
    return '"' + lines + '"';
  }
  return "{}";
}

bool Write(const std::string& file, std::ostream& out) {
  const auto text = Root().Read(file);
  const auto tree = text ? ParseYamlTree(*text) : tl::unexpected(text.error());
  if (!tree) {
    std::cerr << file << ": " << tree.error().what << '\n';
    return false;
  }
  std::string language = file.substr(file.rfind('/') + 1);
  language = language.substr(0, language.find('.'));
  for (const YamlMember& part : tree->members) {
    const bool diagnoses = part.key == "diagnoses";
    out << "constexpr " << (diagnoses ? "DiagnosisText" : "Phrase") << " k" << part.key << "_"
        << language << "[] = {\n";
    for (const YamlMember& row : part.value.members) {
      if (!diagnoses) {
        out << "    {" << Quoted(row.key) << ", " << Quoted(row.value.text) << "},\n";
        continue;
      }
      out << "    {" << Quoted(row.key);
      for (const std::string_view key : {"title", "summary", "do", "disproof"}) {
        const std::string value = TextOf(row.value, key);
        if (value == "{}") {
          std::cerr << file << ":" << row.line << ": " << row.key << " lacks '" << key << "'\n";
          return false;
        }
        out << ",\n     " << value;
      }
      out << "},\n";
    }
    out << "};\n";
  }
  return true;
}

}  // namespace
}  // namespace gpud

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: diagnosis_texts LANGUAGE.yaml... OUT.cpp\n";
    return 2;
  }
  std::ofstream out(argv[argc - 1]);
  out << "// Made by tools/diagnoses from data/diagnoses/.\n#include \"diagnosis/texts.h\"\n\n"
         "namespace gpud::diagnosis {\nnamespace {\n\n";
  std::string languages;
  for (int i = 1; i + 1 < argc; ++i) {
    if (!gpud::Write(argv[i], out)) return 1;
    std::string name(argv[i]);
    name = name.substr(name.rfind('/') + 1);
    name = name.substr(0, name.find('.'));
    languages += "      {\"" + name + "\", kdiagnoses_" + name + ", kphrases_" + name + "},\n";
  }
  out << "\n}  // namespace\n\nstd::span<const TextLanguage> AllTexts() {\n"
         "  static constexpr TextLanguage kAll[] = {\n"
      << languages << "  };\n  return kAll;\n}\n\n}  // namespace gpud::diagnosis\n";
  out.flush();
  return out ? 0 : 1;
}
