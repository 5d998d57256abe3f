import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Notices of debits that were written and are not true any more (NOT-4).
struct NoticeMessageStore {
    private let messages = MessageStore()

    /// Locks those about a payment that were called off for one of these reasons.
    func lockingCalledOff(about payment: PaymentID, because reasons: [CallOffReason]) -> Query<[MessageRecord]> {
        messages.locking(
            where: """
                payment = \(payment) AND occasion = \(Occasion.debitNotice.rawValue)
                    AND state = 'called-off' AND reason = ANY(\(reasons.map(\.note)))
                """)
    }

    /// One that is being called for, or of which nobody knows whether it left, may be tried again after all.
    ///
    /// Not an erased client's, whose words are gone or go with its call.
    func wantAgain(_ id: MessageID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET is_wanted = true WHERE id = \(id) AND body IS NOT NULL AND NOT is_to_forget
            """)
    }

    /// Saves one that is written anew at once; the parts it has are its own until it is.
    func unwrite(_ message: Message, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET state = \(message.state.rawValue), reason = NULL, body = NULL, subject = NULL,
                \(MessageStore.countingAnew), next_try_at = now()
            WHERE id = \(message.id)
            """)
    }

    /// Saves one that is to be written anew at a moment on the clinic's wall, and too late from the beginning of
    /// `lateOn`.
    func tellAnew(
        _ message: Message, at moment: (day: LocalDate, time: LocalTime), lateOn: LocalDate, in zone: String,
        _ change: inout Change
    ) {
        unwrite(message, in: &change)
        change.executeLater(
            """
            UPDATE message SET next_try_at = told.at, waits_since = told.at, due_at = told.at, is_wanted = true,
                expires_at = greatest(expires_at, \(lateOn)::date::timestamp AT TIME ZONE \(zone))
            FROM (SELECT (\(moment.day)::date + \(Int32(moment.time.minutes)) * interval '1 minute')
                AT TIME ZONE \(zone) AS at) AS told
            WHERE id = \(message.id)
            """)
    }
}
