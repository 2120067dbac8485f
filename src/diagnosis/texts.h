// SPDX-License-Identifier: Apache-2.0
// The words of the verdicts, compiled in from data/diagnoses/, where their form is explained.
#pragma once

#include <span>
#include <string_view>

namespace gpud::diagnosis {

struct DiagnosisText {
  std::string_view id;
  std::string_view title, summary;
  std::string_view actions;   ///< lines: "WORD text"; "WORD! text" stops work on the device
  std::string_view disproof;  ///< lines
};

struct Phrase {
  std::string_view key, text;
};

struct TextLanguage {
  std::string_view name;  ///< "en", "zh"
  std::span<const DiagnosisText> diagnoses;
  std::span<const Phrase> phrases;
};

/// English is the first.
std::span<const TextLanguage> AllTexts();
/// English when there is no such language.
const TextLanguage& TextsOf(std::string_view language);
/// Null when there is none.
const DiagnosisText* FindText(const TextLanguage& language, std::string_view id);
/// Empty when there is none.
std::string_view FindPhrase(const TextLanguage& language, std::string_view key);

}  // namespace gpud::diagnosis
