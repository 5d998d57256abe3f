import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Books parts of SMS that were bought, or corrects what was booked; the first entry limits an organisation (NOT-8).
struct BookQuota {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let draw: DrawOnQuota
    let quotas = QuotaStore()

    func run(_ parts: Int, _ note: String, because cause: Cause) async throws -> Applied<QuotaEntryAnswer> {
        let entry = QuotaEntry(
            id: ids.make(), parts: parts, note: note, bookedBy: cause.actor, bookedAt: time.now())
        return try await database.change(because: cause) { change in
            quotas.open(in: &change)
            try draw.draw(in: &change) { quota throws(Quota.Rejection) in try quota.book(parts) }
            quotas.add(entry, in: &change)
            return QuotaEntryAnswer(entry)
        }
    }
}
