import ReconciliationDomain
import Testing

@Suite struct `An amount as it is written` {
    @Test func `REC-4 is read to the digit, and never with its decimals as thousands`() {
        holds { random in
            let isComma = random.number(0...1) == 0
            let decimal: Character = isComma ? "," : "."
            let group: Character = isComma ? "." : ","
            let (thousands, rest) = (random.number(1...999), random.number(0...999))
            let cents = random.number(10...99)
            let low = String(repeating: "0", count: 3 - "\(rest)".count) + "\(rest)"
            let sign = random.number(0...1) == 0 ? "-" : ""
            for separator in ["", " ", "\u{A0}", "\u{202F}", "'", String(group)] {
                let written = "\(sign)\(thousands)\(separator)\(low)\(decimal)\(cents)"
                guard WrittenAmount.plain(written, decimal: decimal) == "\(sign)\(thousands)\(low).\(cents)" else {
                    return false
                }
            }
            // With the other sign before two digits, or one, nobody knows what was meant.
            return [cents, cents % 10].allSatisfy { few in
                WrittenAmount.plain("\(sign)\(thousands)\(group)\(few)", decimal: decimal) == nil
            }
        }
    }

    @Test(arguments: [
        "12.50", "1.2345,00", "1234.567,00", "1.23.456,00", ".500,00", "1,2,3", "1..000,00", "1,5.000", "1.000.00",
        "12,5 0", "", "-", "abc", "--1,00", "1,00 €",
    ])
    func `REC-4 with a decimal comma is not guessed at`(written: String) {
        #expect(WrittenAmount.plain(written, decimal: ",") == nil)
    }

    @Test(arguments: [
        ("1 234,56", "1234.56"), ("+12,5", "12.5"), ("- 99,90", "-99.90"), (" 7 ", "7"), ("12,", "12"),
        ("1.234.567", "1234567"), ("0,00", "0.00"),
    ])
    func `REC-4 with a decimal comma is what it says`(written: String, plain: String) {
        #expect(WrittenAmount.plain(written, decimal: ",") == plain)
    }
}
