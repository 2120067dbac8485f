// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/texts.h"

#include <algorithm>

namespace gpud::diagnosis {

const TextLanguage& TextsOf(std::string_view language) {
  const auto all = AllTexts();
  const auto found = std::ranges::find(all, language, &TextLanguage::name);
  return found == all.end() ? all.front() : *found;
}

const DiagnosisText* FindText(const TextLanguage& language, std::string_view id) {
  const auto found = std::ranges::find(language.diagnoses, id, &DiagnosisText::id);
  return found == language.diagnoses.end() ? nullptr : &*found;
}

std::string_view FindPhrase(const TextLanguage& language, std::string_view key) {
  const auto found = std::ranges::find(language.phrases, key, &Phrase::key);
  return found == language.phrases.end() ? std::string_view() : found->text;
}

}  // namespace gpud::diagnosis
