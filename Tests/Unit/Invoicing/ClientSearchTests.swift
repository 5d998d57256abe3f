import InvoicingDomain
import Testing

@Suite struct `What was typed to find a client` {
    @Test(arguments: [
        ("06 12 34", "61234"), ("+33 6 12", "33612"), ("0033612", "33612"), ("02.62", "262"), ("612", "612"),
        ("+33 (0)6 12", "33612"), ("(0)6.12-34", "61234"), ("06\u{2009}12\u{2011}34", "61234"),
        ("12", "12"), ("06 1", "61"), ("0 1", nil), ("06", nil), ("(0)", nil), ("12 rue", nil),
        ("Martin", nil), ("06 12 34 \u{661}", nil),
    ])
    func `INV-1: may be a part of a phone number`(text: String, digits: String?) throws {
        #expect(try #require(ClientSearch(text)).phoneDigits == digits)
    }

    @Test(arguments: [
        ("f-lilas-2026-000001", "F-LILAS-2026-000001"), ("001", "001"), ("01", nil), ("2026-", nil), ("000 001", nil),
        ("Martin", nil), ("é001", nil),
    ])
    func `INV-1: may be the end of an invoice's number`(text: String, end: String?) throws {
        #expect(try #require(ClientSearch(text)).numberEnd == end)
    }

    @Test func `INV-1: may be any part of an invoice's number that has three of its last digits`() throws {
        let number = Array("F-LILAS-2026-001234")
        for (first, last) in number.indices.flatMap({ first in (first..<number.count).map { (first, $0) } }) {
            let part = String(number[first...last])
            let (counting, behind) = (last + 1 - max(first, 13), number.count - 1 - last)
            guard counting >= 3, behind == 0 || part.count > 3 else { continue }
            let search = try #require(ClientSearch(part))
            #expect(search.numberEnd == part && ([0] + search.digitsBehind).contains(behind), "\(part)")
        }
    }

    @Test(
        arguments: [
            ("f-lilas-2026-0012", [2]), ("0012", [1, 2]), ("00123", [1]), ("001234", []), ("123", []),
            ("LILAS2026", []),
            ("2026-12", []), ("1234567", []), ("Martin", []),
        ] as [(String, [Int])])
    func `INV-1: may stand before so many digits of an invoice's number`(text: String, behind: [Int]) throws {
        #expect(try #require(ClientSearch(text)).digitsBehind == behind)
    }

    @Test(arguments: [
        ("12", "12"), ("00", "00"), ("123", "123"), ("1", nil), ("1234", nil), ("-12", nil), ("1 2", nil),
        ("\u{661}\u{662}", nil), ("ab", nil),
    ])
    func `INV-1: two or three digits may be inside an invoice's number`(text: String, digits: String?) throws {
        #expect(try #require(ClientSearch(text)).digitsInside == digits)
    }

    @Test(
        arguments: [
            ("martin a", 1), ("on", 1), ("12", 1), ("+33", 1), ("0612", 1), ("12 rue", 1), ("vet-12", 1),
            ("06 12", 2), ("06.12", 2), ("2026-12", 2), ("(0)6", 2),
        ] as [(String, Int32)])
    func `INV-1: a letter begins a word, and so do two digits in groups`(text: String, letters: Int32) throws {
        #expect(try #require(ClientSearch(text)).beginning == letters)
    }

    @Test(arguments: ["", " ", "%", "- _", "@"])
    func `INV-1: finds nobody without a letter or digit`(text: String) {
        #expect(ClientSearch(text) == nil)
    }
}
