import EventContract
import Logging
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Every step that changes what is left of a quota: load and lock, decide, save, and tell when few are (NOT-8).
///
/// Its row is everybody's, so a change MUST come to it after the rows it locks of its own.
struct DrawOnQuota {
    let logger: Logger
    let quotas = QuotaStore()
    let policies = PolicyStore()

    /// Promises parts to messages, in place of those they have; nothing is promised, nor refused, where an organisation
    /// is not limited.
    ///
    /// Answers how many were promised.
    @discardableResult
    func reserve(_ parts: Int, inPlaceOf held: HeldParts = HeldParts(), in change: inout Change) throws -> Int {
        let isLimited = try draw(in: &change) { quota throws(Quota.Rejection) in
            try quota.reserve(parts, inPlaceOf: held)
        }
        return isLimited ? parts : 0
    }

    func release(_ held: HeldParts, in change: inout Change) throws {
        guard held != HeldParts() else { return }
        try draw(in: &change) { quota throws(Quota.Rejection) in quota.release(held) }
    }

    func consume(_ counted: CountedMessages, in change: inout Change) throws {
        try draw(in: &change) { quota throws(Quota.Rejection) in
            quota.consume(counted.billed, of: counted.held)
        }
    }

    /// False where an organisation is not limited.
    @discardableResult
    func draw(in change: inout Change, _ step: (inout Quota) throws(Quota.Rejection) -> Void) throws -> Bool {
        guard var quota = try quotas.lock(in: &change) else { return false }
        try step(&quota)
        let organisation = change.cause.organisation
        let threshold = try policies.find(organisation, in: &change.transaction).quotaLowBelow ?? 0
        if quota.warn(below: threshold) {
            let left = quota.left
            change.announce(QuotaLowV1(left: left, lowBelow: threshold), about: organisation)
            change.afterCommit { [logger] in
                logger.warning(
                    "few parts of SMS are left",
                    metadata: [LogField.organisationID: "\(organisation)", LogField.count: "\(left)"])
            }
        }
        quotas.save(quota, in: &change)
        return true
    }
}
