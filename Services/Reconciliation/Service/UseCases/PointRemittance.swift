import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Points a remittance to a bank line by hand, with its author and a reason for what is different (REC-10).
struct PointRemittance {
    let database: Database
    let deposits: MatchDeposits

    func run(
        _ id: RemittanceID, to line: BankLineID, _ difference: Difference?, because cause: Cause
    ) async throws -> Applied<RemittanceAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let record = try deposits.lockLive(id, in: &change)
            if let author = record.pointedBy { throw RemittanceRejection.pointed(by: author) }
            let match = DepositMatch(
                remittance: record.remittance, bankLine: try find(line, for: record.remittance, in: &change),
                rule: .byHand, windowDays: deposits.matching.windowDays)
            try match.check(difference)
            try deposits.refused.remove(RefusedDeposit(remittance: id, bankLine: line), in: &change)
            try deposits.point(match, difference, by: cause.actor, &change)
            return try deposits.trail.answer(id, of: cause.organisation, &change.transaction)
        }
    }

    private func find(
        _ id: BankLineID, for remittance: PendingRemittance, in change: inout Change
    ) throws -> PendingBankLine {
        guard let line = try deposits.bank.find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.bankLine(id)
        }
        guard line.amount.currency == remittance.amount.currency else {
            throw RemittanceRejection.otherCurrency(line.amount.currency)
        }
        return line
    }
}
