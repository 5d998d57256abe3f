import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Counts a client's credit out of one payment for what the client owes by now (INV-9).
struct ApplyCredit {
    let database: Database
    let audit: AuditStore
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let debts = DebtList()
    let history = ArchiveStore()

    func run(
        _ id: PaymentOnAccountID, as wish: AllocationWish, on day: LocalDate, seen version: Int64,
        for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<PaymentAnswer> {
        try await database.change(because: cause) { change in
            // Whichever clinic took it: the money is the client's, and it is counted for debts of `clinics`.
            var record = try payments.lock(id, seen: version, for: .all, in: &change)
            guard record.payment.unallocated.isPositive else {
                // What came back since it was put away is left, and may be counted.
                throw record.payment.archived == nil ? PaymentRejection.nothingLeft : .isArchived
            }
            try record.payment.admitMove(on: day)
            try history.days(of: record.payment, in: &change).admit(day)
            let before = PaymentAnswer(record)
            let parts = try counting.countForPerson(&record.payment, as: wish, on: day, for: clinics, in: &change)
            if !parts.isEmpty {
                if let first = try debts.lastDay(of: parts.map(\.debt), in: &change), day < first {
                    throw PaymentRejection.beforeDebt(first)
                }
                try payments.save(record.payment, in: &change)
                record.version += 1
                change.announceApplied(record.payment, parts, on: day)
                try audit.record(
                    "credit-applied", about: id, and: parts.map(\.debt.value), before: before,
                    after: PaymentAnswer(record), in: &change)
            }
            let answer = PaymentAnswer(record)
            return clinics.includes(record.payment.clinic) ? answer : answer.shown(countedFor: parts.map(\.debt))
        }
    }
}

extension PaymentOnAccountStore {
    /// Locks a payment for a person who has seen it, and whom nobody has overtaken since.
    func lock(
        _ id: PaymentOnAccountID, seen version: Int64, for clinics: ClinicAccess, in change: inout Change
    ) throws -> PaymentRecord {
        guard let record = try lock(id, in: &change), clinics.includes(record.payment.clinic) else {
            throw NotFound.paymentOnAccount(id)
        }
        guard record.version == version else { throw StaleVersion(current: record.version) }
        return record
    }
}
