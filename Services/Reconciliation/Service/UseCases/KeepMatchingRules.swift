import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Writes the matching rules of an organisation, and points what they find at once (REC-5).
struct KeepMatchingRules {
    let database: Database
    let ids: IdentifierSource
    let rules = MatchingRuleStore()
    let match: MatchPayouts

    func run(_ rules: MatchingRules, because cause: Cause) async throws -> Applied<MatchingRulesAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            try self.rules.put(rules, as: ids.next(), in: &change)
            return MatchingRulesAnswer(rules, payoutsPointed: try match.run(in: &change))
        }
    }
}
