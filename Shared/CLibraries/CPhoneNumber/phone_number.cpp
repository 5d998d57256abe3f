#include "CPhoneNumber.h"

#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

int outcome(PhoneNumberUtil::ErrorType error) {
    switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR: return PHONE_NUMBER_READ;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return PHONE_NUMBER_UNKNOWN_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: return PHONE_NUMBER_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN: return PHONE_NUMBER_TOO_LONG;
    default: return PHONE_NUMBER_NOT_A_NUMBER;
    }
}

int outcome(PhoneNumberUtil::ValidationResult result) {
    switch (result) {
    case PhoneNumberUtil::IS_POSSIBLE: return PHONE_NUMBER_READ;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return PHONE_NUMBER_UNKNOWN_COUNTRY;
    // A number that can be dialled in its own town only has lost its area.
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
    case PhoneNumberUtil::TOO_SHORT: return PHONE_NUMBER_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG: return PHONE_NUMBER_TOO_LONG;
    default: return PHONE_NUMBER_WRONG_LENGTH;
    }
}

int kind(PhoneNumberUtil::PhoneNumberType type) {
    switch (type) {
    // Where both share their ranges, an SMS may arrive.
    case PhoneNumberUtil::MOBILE:
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return PHONE_NUMBER_MOBILE;
    case PhoneNumberUtil::FIXED_LINE: return PHONE_NUMBER_FIXED;
    case PhoneNumberUtil::UNKNOWN: return PHONE_NUMBER_UNASSIGNED;
    default: return PHONE_NUMBER_OTHER;
    }
}

int read(const std::string &text, const std::string &region, char *e164, int *found) {
    const PhoneNumberUtil &library = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    const int parsed = outcome(library.Parse(text, region, &number));
    if (parsed != PHONE_NUMBER_READ) return parsed;
    if (number.has_extension()) return PHONE_NUMBER_WITH_EXTENSION;
    const int possible = outcome(library.IsPossibleNumberWithReason(number));
    if (possible != PHONE_NUMBER_READ) return possible;
    std::string formatted;
    library.Format(number, PhoneNumberUtil::E164, &formatted);
    if (formatted.size() >= PHONE_NUMBER_E164_BYTES) return PHONE_NUMBER_TOO_LONG;
    std::memcpy(e164, formatted.c_str(), formatted.size() + 1);
    *found = kind(library.GetNumberType(number));
    // Of a number that lost a digit, the zero before its area counts as one of it; where zeros belong, ranges are known.
    if (*found == PHONE_NUMBER_UNASSIGNED && number.italian_leading_zero()) return PHONE_NUMBER_TOO_SHORT;
    return PHONE_NUMBER_READ;
}

}  // namespace

int phone_number_read(const char *text, size_t length, const char *region, char *e164, int *kind) {
    // An exception of C++ must not leave through a caller who knows none.
    try {
        return read(std::string(text, length), region, e164, kind);
    } catch (...) {
        return PHONE_NUMBER_NOT_A_NUMBER;
    }
}
