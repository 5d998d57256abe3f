import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Changes what an organisation decided about taking money: the ceiling of cash, and online payments (INV-7, INV-13).
struct KeepRules {
    let database: Database
    let audit: AuditStore
    let store = RulesStore()

    /// The law's ceiling is the highest there can be.
    struct AboveLegalCeiling: Error {
        let ceiling: Money
    }

    func put(
        _ rules: CollectingRules, seen version: Int64, because cause: Cause
    ) async throws -> Applied<RulesAnswer> {
        try await database.change(because: cause) { change in
            let legal = CollectingRules.legalCashCeiling
            guard rules.cashCeiling.currency == legal.currency, rules.cashCeiling.minorUnits <= legal.minorUnits else {
                throw AboveLegalCeiling(ceiling: legal)
            }
            let organisation = change.cause.organisation
            let known = try store.find(of: organisation, in: &change.transaction)
            guard known.version == version, try store.put(rules, over: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            let answer = RulesAnswer(RulesRecord(rules: rules, version: version + 1))
            try audit.record(
                "collecting-rules-changed", about: organisation, before: RulesAnswer(known), after: answer, in: &change)
            return answer
        }
    }
}
