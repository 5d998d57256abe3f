import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Follows a remittance from the till to the bank; nothing is written through it.
struct RemittanceTrail {
    let windowDays: Int
    let remittances = RemittanceStore()
    let bank = BankStore()
    let charts = ChartStore()
    let journals = JournalStore()

    /// The slip with its items, its bank line and its entries.
    func answer(
        _ id: RemittanceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> RemittanceAnswer {
        guard let record = try remittances.find(id, of: organisation, &transaction) else {
            throw NotFound.remittance(id)
        }
        let line = try record.bankLine.flatMap { try bank.find($0, of: organisation, &transaction) }
        let chart = try charts.chart(of: organisation, &transaction)
        let entries = try journals.entries(about: [id.value], of: organisation, chart, &transaction)
        return RemittanceAnswer(
            remittance: RemittanceSummary(record),
            items: try remittances.items(of: id, in: organisation, &transaction),
            bankLine: line.map(ExplanationAnswer.BankLine.init), because: reasons(record, line),
            entries: entries.items, entriesInAll: entries.inAll)
    }

    private func reasons(_ record: RemittanceRecord, _ line: PendingBankLine?) -> [Sentence] {
        guard let rule = record.rule, let line else { return [] }
        let match = DepositMatch(
            remittance: record.remittance, bankLine: line, rule: rule, windowDays: windowDays)
        return match.reasons + (record.difference.map { [Sentence($0.reason)] } ?? [])
            + ExplanationAnswer.reasons(record.clearing)
    }
}
