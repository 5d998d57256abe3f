import PaymentModel
import Testing

@Suite struct IBANTests {
    /// ISO 13616 has the examples.
    @Test(arguments: [
        ("FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("FR76\u{A0}3000\u{202F}6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
        ("gb29nwbk60161331926819", "GB29NWBK60161331926819"), ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("CH93 0076 2011 6238 5295 7", "CH9300762011623852957"),
    ])
    func `REC-4, INV-5: is read however it is grouped`(text: String, number: String) {
        #expect(IBAN.checked(text) == number && IBAN.fault(in: text) == nil)
    }

    @Test(
        arguments: [
            ("", .form), ("FR", .form), ("7630006000011234567890189FR", .form),
            ("FRA7 3000 6000 0112 3456 7890 189", .form),
            ("FR76-3000-6000-0112-3456-7890-189", .form), ("FR76 3000 6000 0112 3456 7890 18É", .form),
            ("FR76", .length(4, of: "FR", insteadOf: 27)),
            ("FR76 3000 6000 0112 3456 7890 18", .length(26, of: "FR", insteadOf: 27)),
            ("FR76 3000 6000 0112 3456 7890 1890", .length(28, of: "FR", insteadOf: 27)),
            ("DE89 3704 0044 0532 0130 000", .length(23, of: "DE", insteadOf: 22)),
            ("FR77 3000 6000 0112 3456 7890 189", .checkDigits), ("FR76 3000 6000 0112 3456 7890 198", .checkDigits),
            ("QQ123", .form), ("QQ00 1234 5678 9012", .checkDigits),
        ] as [(String, IBAN.Fault)])
    func `REC-4, INV-5: is refused with what is wrong of it`(text: String, fault: IBAN.Fault) {
        #expect(IBAN.fault(in: text) == fault)
        #expect(IBAN.checked(text) == nil)
    }

    @Test func `REC-4, INV-5: tells of each single character that is mistyped`() {
        let number = Array("FR1420041010050500013M02606")
        for place in number.indices.dropFirst(2) {
            for other in "0123456789" where other != number[place] {
                var mistyped = number
                mistyped[place] = other
                #expect(IBAN.fault(in: String(mistyped)) == .checkDigits, "\(String(mistyped))")
            }
        }
    }
}
