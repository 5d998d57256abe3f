import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Why a bank account is not called so in the books.
enum BankAccountRejection: Error {
    case chart(Chart.Rejection)
    /// In closed books of the year the number is another account's.
    case numberWasAnothers(String)
}

/// Names a bank account of the organisation; lines of it that came before are matched from now on.
struct KeepBankAccount {
    let database: Database
    let match: MatchPayouts
    let deposits: MatchDeposits
    let periods: PeriodStore
    let accounts = BankAccountStore()
    let charts = ChartStore()

    func run(_ account: BankAccountAnswer, because cause: Cause) async throws -> Applied<BankAccountAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            try check(account, in: &change)
            let kept = try accounts.put(account, in: &change)
            _ = try match.run(in: &change)
            _ = try deposits.run(in: &change)
            return kept
        }
    }

    private func check(_ account: BankAccountAnswer, in change: inout Change) throws {
        guard let books = account.books else { return }
        let bank = BankInBooks(
            iban: account.iban, number: books.number, label: books.label, journal: books.journal)
        var chart = try charts.chart(of: change.cause.organisation, &change.transaction)
        do throws(Chart.Rejection) { chart = try chart.with([bank]) } catch { throw BankAccountRejection.chart(error) }
        let number = try periods.numberOfOther(
            than: [(account: PeriodStore.key(of: bank), number: bank.number)], in: chart,
            of: change.cause.organisation, &change.transaction)
        if let number { throw BankAccountRejection.numberWasAnothers(number) }
    }
}
