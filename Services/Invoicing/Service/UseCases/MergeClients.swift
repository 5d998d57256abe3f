import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Makes one client of two that are one person: documents, debts, payments and contacts go to the one that stays
/// (INV-1).
struct MergeClients {
    let database: Database
    let ids: IdentifierSource
    let audit: AuditStore
    let clients = ClientStore()
    let contacts = ContactStore()
    let merging = MergeStore()
    let billing = BillingStore()

    /// `version` is the one the person saw of the client that goes; the answer is the one that stays.
    func run(
        _ id: ClientID, into other: ClientID, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        let contact: ContactID = ids.make()
        return try await database.change(because: cause) { change in
            guard id != other else { throw MergeRejection.sameClient }
            let (client, staying) = try clients.lock(id, and: other, in: &change)
            guard client.version == version else { throw StaleVersion(current: client.version) }
            let isBilledAlike = try noteBilling(of: id, into: other, in: &change)
            let plan = MergePlan(client.reach, into: staying.reach)
            merging.close(id, into: other, in: &change)
            merging.move(id, to: other, in: &change)
            if let left = plan.left {
                let details = ContactDetails(
                    lastName: client.details.lastName, firstName: client.details.firstName, phone: left.phone,
                    email: left.email)
                try contacts.insert(ContactRecord(id: contact, client: other, details: details), in: &change)
            }
            var merged = staying.merged(with: client, by: plan)
            if isBilledAlike { merged.company = client.company }
            try clients.save(merged, in: &change)
            try note(client, staying, as: merged, in: &change)
            return ClientAnswer(merged)
        }
    }

    /// The other one's own billing details stay where there are any; what is lost is in the trail.
    ///
    /// True when it gets those of the one that goes.
    private func noteBilling(of client: ClientID, into other: ClientID, in change: inout Change) throws -> Bool {
        let going = try billing.find(of: client, in: &change.transaction)
        guard going.version > 0 else { return false }
        let staying = try billing.find(of: other, in: &change.transaction)
        let told = BillingAnswer(going.details, of: client, version: going.version)
        try audit.record(
            "billing-details-removed", about: client, before: told, after: nil as BillingAnswer?, in: &change)
        guard staying.version == 0 else { return false }
        try audit.record(
            "billing-details-changed", about: other, before: nil as BillingAnswer?,
            after: BillingAnswer(going.details, of: other, version: going.version), in: &change)
        return true
    }

    private func note(
        _ client: ClientRecord, _ staying: ClientRecord, as merged: ClientRecord, in change: inout Change
    ) throws {
        let (before, after) = (ClientAnswer(staying), ClientAnswer(merged))
        try audit.record(
            "client-merged-away", about: client.id, before: ClientAnswer(client), after: after, in: &change)
        try audit.record("client-merged", about: staying.id, before: before, after: after, in: &change)
        change.announceMerge(of: client, into: merged)
    }
}

extension ClientRecord {
    var reach: Reach { Reach(phone: details.phone, email: details.email) }

    /// This client when another one became it; a pause of either stays.
    fileprivate func merged(with other: ClientRecord, by plan: MergePlan) -> ClientRecord {
        var merged = self
        (merged.details.phone, merged.details.email) = (plan.kept.phone, plan.kept.email)
        merged.dunningPausedUntil = [dunningPausedUntil, other.dunningPausedUntil].compactMap(\.self).max()
        merged.version += 1
        return merged
    }
}
