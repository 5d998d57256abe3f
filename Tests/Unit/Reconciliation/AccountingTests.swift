import PaymentModel
import ReconciliationDomain
import Testing

/// REC-8: what accounts and journals are called.
@Suite struct `A chart of accounts` {
    @Test func `is the French one until the organisation says otherwise`() throws {
        let chart = Chart()
        #expect(Set(chart.accounts.keys) == Set(Account.all) && chart.journals.count == JournalRole.allCases.count)
        #expect(chart.accounts[.commissions]?.number == "627000")
        let own = try chart.with(
            [ChartAccount(account: .commissions, number: "6278ALMA", label: "Frais Alma")],
            [Journal(role: .bank, code: "BQ1", label: "Crédit Agricole")])
        #expect(own.accounts[.commissions]?.number == "6278ALMA" && own.accounts[.bank] == chart.accounts[.bank])
        #expect(own.journals[.bank]?.code == "BQ1" && own.journals[.receipts] == chart.journals[.receipts])
    }

    @Test(arguments: ["62", "62A", "727000", "62 700", "627é", "", "6270000000000000000000"])
    func `takes no number that is none or is of another class`(number: String) {
        #expect(throws: Chart.Rejection.number(number, of: .commissions)) {
            try Chart().with([ChartAccount(account: .commissions, number: number, label: "x")], [])
        }
    }

    @Test func `takes no number and no code twice`() {
        #expect(throws: Chart.Rejection.numberTwice("512000")) {
            try Chart().with([ChartAccount(account: .clearing(.alma), number: "512000", label: "x")], [])
        }
        #expect(throws: Chart.Rejection.codeTwice("OD")) {
            try Chart().with([], [Journal(role: .bank, code: "OD", label: "x")])
        }
    }

    @Test func `puts every day into one financial year of twelve months`() {
        holds { random in
            var chart = Chart()
            chart.yearEndMonth = random.number(1...12)
            let day = LocalDate(daysSince1970: random.number(0...40_000)) ?? .earliest
            let year = chart.financialYear(of: day)
            guard let days = chart.days(ofYear: year), let before = chart.days(ofYear: year - 1) else { return false }
            return days.contains(day) && !before.contains(day)
                && before.upperBound.adding(days: 1) == days.lowerBound
        }
    }

    @Test func `has a journal for every kind of entry, commissions apart from payments`() {
        #expect(LedgerEntry.Kind.allCases.allSatisfy { Chart().journals[$0.journal] != nil })
        #expect(LedgerEntry.Kind.fee.journal == .commissions && LedgerEntry.Kind.payment.journal == .receipts)
    }
}

/// REC-8: which days are frozen.
@Suite struct `Closing the books` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    @Test func `leaves no day out and closes none twice, however it goes on`() {
        holds { random in
            var books = ClosedBooks(last: nil)
            var closed: [AccountingPeriod] = []
            for _ in 0..<8 {
                let through = day.adding(days: random.number(-20...5))
                do {
                    closed.append(try books.close(through: through, firstEntryOn: day.adding(days: -10), today: day))
                } catch ClosedBooks.Rejection.closedThrough(let last) {
                    guard through <= last else { return false }
                } catch ClosedBooks.Rejection.notOver(let late) {
                    guard late == through, through >= day else { return false }
                }
            }
            return zip(closed, closed.dropFirst()).allSatisfy { $0.to.adding(days: 1) == $1.from }
                && closed.allSatisfy { $0.from <= $0.to && $0.to < day }
        }
    }

    @Test func `begins with the first entry`() throws {
        var books = ClosedBooks(last: nil)
        let period = try books.close(through: day, firstEntryOn: day.adding(days: -9), today: day.adding(days: 1))
        #expect(period == AccountingPeriod(from: day.adding(days: -9), to: day))
        var empty = ClosedBooks(last: nil)
        #expect(try empty.close(through: day, firstEntryOn: nil, today: day.adding(days: 1)).from == day)
    }

    @Test func `is undone from its end`() throws {
        let last = AccountingPeriod(from: day, to: day)
        #expect(try ClosedBooks(last: last).reopen() == last)
        #expect(throws: ClosedBooks.Rejection.nothingClosed) { try ClosedBooks(last: nil).reopen() }
    }
}

/// REC-8: what an organisation said of the VAT on its providers' fees.
@Suite struct `The VAT on fees` {
    private let charged = FeeTax(.charged, rate: BasisPoints(2_000))
    private let exempt = FeeTax(.exempt, rate: BasisPoints(0))

    private func day(_ number: Int) -> LocalDate {
        (LocalDate(year: 2026, month: 3, day: 1) ?? .earliest).adding(days: number)
    }

    @Test func `is as usual until somebody says otherwise, then by the day of the entry`() {
        let usual = FeeTax.usual(of: .stripe)
        let taxes = FeeTaxes([
            .init(.stripe, from: day(9), charged), .init(.paypal, from: nil, charged),
            .init(.stripe, from: day(5), exempt),
        ])
        let found = [4, 5, 8, 9, 10].map { taxes.tax(of: .stripe, on: day($0)) }
        #expect(found == [usual, exempt, exempt, charged, charged])
        #expect(taxes.tax(of: .paypal, on: .earliest) == charged)
        #expect(taxes.tax(of: .alma, on: day(9)) == .usual(of: .alma))
        #expect(taxes.words(of: .stripe).map(\.from) == [nil, day(5), day(9)])
        #expect(taxes.words(of: .stripe).map(\.tax) == [usual, exempt, charged])
    }

    @Test func `is as the last word says from its day on, whatever earlier words say of later days`() {
        let taxes = FeeTaxes([
            .init(.stripe, from: day(3), exempt), .init(.stripe, from: day(5), charged),
            .init(.stripe, from: nil, charged),
        ])
        #expect([2, 3, 6].map { taxes.tax(of: .stripe, on: day($0)) } == [charged, exempt, exempt])
        #expect(taxes.words(of: .stripe).map(\.from) == [nil, day(3)])
        let anew = FeeTaxes([.init(.stripe, from: nil, exempt), .init(.stripe, from: day(5), charged)])
        #expect(anew.tax(of: .stripe, on: day(6)) == exempt && anew.words(of: .stripe).map(\.tax) == [exempt])
    }
}
