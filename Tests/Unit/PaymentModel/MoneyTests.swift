import FoundationEssentials
import PaymentModel
import Testing

@Suite struct `GEN-4: money` {
    @Test(arguments: [
        // Golden values from published manuals: fee of a clinic, then VAT on the fee, each rounded half up.
        (9_000, 360, 324), (324, 2_000, 65), (12_000, 105, 126), (126, 2_000, 25), (10_000, 280, 280), (280, 2_000, 56),
        // Exactly half goes away from zero, on both sides.
        (50, 100, 1), (-50, 100, -1), (49, 100, 0), (-49, 100, 0), (0, 360, 0), (100, -50, -1),
    ])
    func `has shares in basis points rounded half up`(amount: Int64, rate: Int, share: Int64) throws {
        #expect(try Money.euros(cents: amount).share(BasisPoints(rate)) == .euros(cents: share))
    }

    @Test func `refuses what does not fit instead of trapping`() {
        let most = Money.euros(cents: .max)
        let least = Money.euros(cents: .min)
        let cent = Money.euros(cents: 1)
        #expect(throws: MoneyError.overflow) { try most.adding(cent) }
        #expect(throws: MoneyError.overflow) { try least.subtracting(cent) }
        #expect(throws: MoneyError.overflow) { try least.negated() }
        #expect(throws: MoneyError.overflow) { try most.multiplied(by: 2) }
        #expect(throws: MoneyError.overflow) { try most.share(BasisPoints(10_001)) }
        #expect(throws: MoneyError.overflow) { try least.share(BasisPoints(.max)) }
        #expect(throws: MoneyError.overflow) { try Money.sum([most, cent], in: .eur) }
    }

    @Test func `does not mix currencies`() throws {
        let dollars = try #require(Currency("USD"))
        let mismatch = MoneyError.currencyMismatch(.eur, dollars)
        #expect(throws: mismatch) { try Money.euros(cents: 1).adding(Money(1, dollars)) }
        #expect(throws: mismatch) { try Money.euros(cents: 1).subtracting(Money(1, dollars)) }
        #expect(throws: mismatch) { try Money.euros(cents: 1).isLess(than: Money(1, dollars)) }
        #expect(throws: MoneyError.currencyMismatch(dollars, .eur)) { try Money.sum([Money(1, dollars)], in: .eur) }
    }

    @Test func `adds and subtracts exactly, or says overflow (C-23)`() {
        holds { generator in
            let (left, right) = (generator.extremeInt64(), generator.extremeInt64())
            let exact = Int128(left) + Int128(right)
            let sum = try? Money.euros(cents: left).adding(.euros(cents: right))
            guard let expected = Int64(exactly: exact) else { return sum == nil }
            return try sum == .euros(cents: expected) && sum?.subtracting(.euros(cents: right)) == .euros(cents: left)
        }
    }

    @Test func `sums in any order, even when a part of the sum would not fit (C-23)`() {
        holds { generator in
            let amounts = (0..<generator.number(0...20)).map { _ in Money.euros(cents: generator.extremeInt64()) }
            let exact = amounts.reduce(Int128(0)) { $0 + Int128($1.minorUnits) }
            let sums = [amounts, amounts.reversed(), amounts.shuffled(using: &generator)].map {
                try? Money.sum($0, in: .eur)
            }
            return sums.allSatisfy { $0?.minorUnits == Int64(exactly: exact) }
        }
    }

    @Test func `is never more than half a cent away from the exact share`() {
        holds { generator in
            let (amount, rate) = (generator.number(-1_000_000_000...1_000_000_000), generator.number(0...10_000))
            let share = try Money.euros(cents: Int64(amount)).share(BasisPoints(rate))
            return abs(share.minorUnits * 10_000 - Int64(amount) * Int64(rate)) <= 5_000
        }
    }

    @Test(arguments: [
        ("EUR", 12_990, "129.90 EUR"), ("EUR", -5, "-0.05 EUR"), ("JPY", 1_500, "1500 JPY"),
        ("TND", 1_005, "1.005 TND"),
        ("EUR", .min, "-92233720368547758.08 EUR"), ("EUR", 0, "0.00 EUR"),
    ])
    func `describes itself with the digits of its currency`(code: String, amount: Int64, text: String) throws {
        let currency = try #require(Currency(code))
        #expect(Money(amount, currency).description == text)
    }

    @Test func `is an object of minor units and currency in JSON`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(Money.euros(cents: 12_990))
        #expect(String(decoding: data, as: UTF8.self) == #"{"currency":"EUR","minorUnits":12990}"#)
        #expect(try JSONDecoder().decode(Money.self, from: data) == .euros(cents: 12_990))
    }

    @Test(arguments: [
        #"{"currency":"XXX","minorUnits":1}"#, #"{"currency":"eur","minorUnits":1}"#, #"{"currency":"EUR"}"#,
        #"{"currency":"EUR","minorUnits":9223372036854775808}"#, #"{"currency":"EUR","minorUnits":1.5}"#,
        #"{"currency":"EUR","minorUnits":"1"}"#,
    ])
    func `is not read from JSON that is out of range`(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Money.self, from: Data(json.utf8)) }
    }
}

@Suite struct CurrencyTests {
    @Test(arguments: [("EUR", 2), ("JPY", 0), ("TND", 3), ("CLF", 4), ("XPF", 0)])
    func `knows the digits of its minor unit`(code: String, digits: Int) {
        #expect(Currency(code)?.minorDigits == digits)
    }

    @Test(arguments: ["", "eur", "EURO", "XXX", "EU", "€"])
    func `is only made from a code of ISO 4217`(code: String) {
        #expect(Currency(code) == nil)
    }
}
