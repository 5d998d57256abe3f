#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What came of reading a text as a phone number.
enum PhoneNumberOutcome {
    PHONE_NUMBER_READ = 0,
    PHONE_NUMBER_NOT_A_NUMBER = 1,
    PHONE_NUMBER_UNKNOWN_COUNTRY = 2,
    PHONE_NUMBER_TOO_SHORT = 3,
    PHONE_NUMBER_TOO_LONG = 4,
    PHONE_NUMBER_WRONG_LENGTH = 5,
    PHONE_NUMBER_WITH_EXTENSION = 6
};

/// What a number is for, as far as the library's tables know.
enum PhoneNumberKind {
    PHONE_NUMBER_UNASSIGNED = 0,
    PHONE_NUMBER_MOBILE = 1,
    PHONE_NUMBER_FIXED = 2,
    PHONE_NUMBER_OTHER = 3
};

/// Bytes that the longest number in E.164 takes with its end.
enum { PHONE_NUMBER_E164_BYTES = 20 };

/// Reads a text as a number of a region, which counts unless the text names a country by itself.
///
/// Writes the number in E.164 to `e164`, which has PHONE_NUMBER_E164_BYTES, and its kind; throws nothing, keeps nothing.
int phone_number_read(const char *text, size_t length, const char *region, char *e164, int *kind);

#ifdef __cplusplus
}
#endif
