"""Writes numbers of several countries in the ways people write them, and what the library of PyPI reads them as.

One line each, parts separated by tabs: the region they are written in, the text, E.164, the kind.
"""

import random
import sys

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGIONS = {
    33: ["FR"], 262: ["RE", "YT"], 590: ["GP", "BL", "MF"], 594: ["GF"], 596: ["MQ"], 508: ["PM"], 687: ["NC"],
    689: ["PF"], 32: ["BE"], 41: ["CH"], 352: ["LU"], 377: ["MC"], 49: ["DE"], 34: ["ES"], 39: ["IT"], 44: ["GB"],
}
KINDS = {
    PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed", PhoneNumberType.UNKNOWN: "unassigned",
}


def kind(number):
    return KINDS.get(phonenumbers.number_type(number), "other")


def candidates(random_source, code, region):
    """Numbers near those that are given out: examples of each kind with some digits of theirs changed."""
    kinds = [PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE]
    # Overseas, these are numbers of all of France.
    if region in ("FR", "BE", "CH"):
        kinds.append(PhoneNumberType.PREMIUM_RATE)
    for wanted in kinds:
        example = phonenumbers.example_number_for_type(region, wanted)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        for _ in range(60):
            digits = list(national)
            for _ in range(random_source.randint(1, len(digits) - 2)):
                digits[random_source.randrange(len(digits) - 5 if len(digits) > 7 else 1, len(digits))] = str(
                    random_source.randint(0, 9))
            number = phonenumbers.parse("+%d%s" % (code, "".join(digits)))
            if phonenumbers.is_valid_number(number):
                yield number


def written(number):
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    yield international
    yield "00" + phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
    yield international.replace(" ", ".").replace("+", "(+", 1).replace(".", ") ", 1)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    yield national
    yield national.replace(" ", "\u00a0")
    yield national.replace(" ", "-")


def main():
    random_source = random.Random(int(sys.argv[1]))
    for code, regions in REGIONS.items():
        for region in regions:
            for number in candidates(random_source, code, region):
                if region != phonenumbers.region_code_for_number(number):
                    continue
                for text in written(number):
                    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
                    print("\t".join([region, text, e164, kind(number)]))


main()
