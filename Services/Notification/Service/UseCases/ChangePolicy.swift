import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Says how an organisation sends from now on.
struct ChangePolicy {
    let database: Database
    let policies = PolicyStore()

    /// The policy's version is the one the person saw.
    func run(_ policy: SendingPolicy, because cause: Cause) async throws -> Applied<PolicyAnswer> {
        try await database.change(because: cause) { change in
            let current = try policies.find(change.cause.organisation, in: &change.transaction)
            guard current.version == policy.version else { throw StaleVersion(current: current.version) }
            var next = policy
            next.version += 1
            try policies.add(next, in: &change)
            return PolicyAnswer(next)
        }
    }
}
