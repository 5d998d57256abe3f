import PaymentModel
import TransactionalMessaging

/// Names a bank account of the organisation; lines of it that came before are matched from now on.
struct KeepBankAccount {
    let database: Database
    let match: MatchPayouts
    let deposits: MatchDeposits
    let accounts = BankAccountStore()

    func run(_ account: BankAccountAnswer, because cause: Cause) async throws -> Applied<BankAccountAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            try accounts.put(account, in: &change)
            _ = try match.run(in: &change)
            _ = try deposits.run(in: &change)
            return account
        }
    }
}
