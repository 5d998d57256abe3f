import FoundationEssentials
import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The matching rules of organisations; every change of a person is kept.
struct MatchingRuleStore {
    func put(_ rules: MatchingRules, as id: UInt128, in change: inout Change) throws {
        let definition = String(
            decoding: try JSONEncoder().encode(rules.rules.map(MatchingRuleAnswer.init)), as: UTF8.self)
        change.executeLater(
            """
            INSERT INTO matching_rules (id, organisation, definition, changed_by)
            VALUES (\(id), \(change.cause.organisation), \(definition)::text, \(change.cause.actor))
            """)
    }

    /// Those that hold now; none until somebody has written some.
    func current(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> MatchingRules {
        let definition: String? = try transaction.first(
            "SELECT definition FROM matching_rules WHERE organisation = \(organisation) ORDER BY id DESC LIMIT 1"
        ) { row in try row("definition") }
        guard let definition else { return .none }
        let rules = try JSONDecoder().decode([MatchingRuleAnswer].self, from: Data(definition.utf8))
        return try MatchingRules(rules.map { try $0.rule() })
    }
}
