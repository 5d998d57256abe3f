import InvoicingDomain
import Testing

@Suite struct `What was typed to find a client` {
    @Test(arguments: [
        ("06 12 34", "61234"), ("+33 6 12", "33612"), ("0033612", "33612"), ("02.62", "262"), ("0612", "612"),
        ("+33 (0)6 12", "33612"), ("(0)6.12-34", "61234"), ("06\u{2009}12\u{2011}34", "61234"),
        ("06 1", "61"), ("0 1", "1"), ("06", "6"), ("(0)6", "6"), ("1 2", "12"), ("0 0", "00"), ("00 1", "001"),
        ("000 12", "00012"), ("+7", "7"), ("612", nil), ("12", nil), ("7", nil), ("0", nil), ("001", nil), ("(0)", nil),
        ("12 rue", nil), ("Martin", nil), ("06 12 34 \u{661}", nil), ("+33 6 39 98", "63998"), ("0033692", "692"),
        ("+33 (0)639", "639"), ("+33 6 9", "3369"), ("+33 6 98 12", "3369812"), ("33 692", "33692"),
        ("+33692123456", "692123456"), ("+262 692", "262692"),
    ])
    func `INV-1: may be a part of a phone number that its words do not say`(text: String, digits: String?) throws {
        #expect(try #require(ClientSearch(text)).phoneDigits == digits)
    }

    @Test(
        arguments: [
            ("f-lilas-2026-000001", "F-LILAS-2026-000001", "6-000001", "F-LILAS-2026-"), ("001", "001", "001", ""),
            ("1", "1", "1", ""), (" 2026- ", "2026-", "2026-", "2026-"), ("-00012", "-00012", "-00012", "-"),
            ("as-2026-0012", "AS-2026-0012", "AS-2026-0012", "AS-2026-"), ("Martin", "MARTIN", "MARTIN", "MARTIN"),
            ("0612345678", "0612345678", "12345678", ""), ("a1b", "A1B", "A1B", "A1B"),
        ] as [(String, String, String, String)])
    func `INV-1: may be a part of a document's number`(
        text: String, part: String, lookedUp: String, beginning: String
    ) throws {
        let search = try #require(ClientSearch(text))
        #expect(search.numberPart == part && search.numberLookedUp == lookedUp)
        #expect(search.numberBeginning == beginning)
    }

    @Test(arguments: ["000 001", "é001", "ada@b", "\u{661}\u{662}", "12.5", "50%"])
    func `INV-1: is no part of a document's number with what these do not have`(text: String) throws {
        let search = try #require(ClientSearch(text))
        #expect(search.numberPart == nil && search.numberLookedUp == nil && search.numberBeginning == nil)
    }

    @Test(
        arguments: [
            ("6-2026", true), ("26-20", true), ("0202-202", true), ("-6-2026", true), ("6-202600", true),
            ("6-2", false), ("6-2026-", false), ("-2026", false), ("2026", false), ("a6-2026", false),
            ("6 2026", false),
        ] as [(String, Bool)])
    func `INV-1: is digits around a dash, as a clinic's code and a year or a year and a count are`(
        text: String, isAround: Bool
    ) throws {
        #expect(try #require(ClientSearch(text)).numberIsAroundDash == isAround)
    }

    @Test(
        arguments: [
            ("martin a", false), ("on", false), ("12", false), ("+33", false), ("0612", false), ("12 rue", false),
            ("vet-12", false), ("06 12", true), ("06.12", true), ("2026-12", true), ("(0)6", true),
        ] as [(String, Bool)])
    func `INV-1: is digits in groups, as phones are written`(text: String, isGrouped: Bool) throws {
        #expect(try #require(ClientSearch(text)).isGrouped == isGrouped)
    }

    @Test(arguments: ["", " ", "%", "- _", "@"])
    func `INV-1: finds nobody without a letter or digit`(text: String) {
        #expect(ClientSearch(text) == nil)
    }
}
