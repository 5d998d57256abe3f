import NotificationChannels
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Asks gateways that keep replies what people wrote back: a STOP they keep counts like one they push (NOT-9).
///
/// Each reply is read once, however often it is listed; what is no STOP is forgotten but for its id.
struct HearReplies {
    let database: Database
    let boxes: [any ReplyBox]
    let stop: TakeStop
    let time: TimeSource
    let unheard: UnheardReplies
    let heard = HeardReplyStore()

    /// From how long before the last look they are asked for: clocks differ, and networks deliver late.
    private static let overlap = Duration.seconds(86_400)
    /// After so many replies that cannot be read the gateway is away; fewer hold up no others.
    private static let failuresMax = 10

    func run() async throws {
        for box in boxes { try await hear(box) }
    }

    /// One that gives no answer holds up no other, and what it keeps is heard when it is back.
    private func hear(_ box: any ReplyBox) async throws {
        let began = time.now()
        let lookedAt = try await database.read(organisation: nil) { transaction in
            try heard.lookedAt(box.name, &transaction)
        }
        let kept: [KeptReply]
        do throws(RepliesUnavailable) {
            kept = try await box.replies(since: lookedAt?.adding(.zero - Self.overlap))
        } catch {
            return warn(error, box)
        }
        let fresh = try await database.read(organisation: nil) { transaction in
            try heard.fresh(kept, of: box.name, &transaction)
        }
        var (failures, unreadable, strangers) = (0, 0, 0)
        for reply in fresh where failures < Self.failuresMax {
            switch try await take(reply, of: box) {
            case .heard: break
            case nil: failures += 1
            case .unreadable: unreadable += 1
            case .ofStranger: strangers += 1
            }
        }
        if unreadable > 0 {
            unheard.tell(
                .unreadable, of: box.name, "STOPs of numbers that cannot be read: \(unreadable)", times: unreadable)
        }
        if strangers > 0 {
            unheard.tell(
                .stranger, of: box.name, "STOPs of numbers nobody wrote to: \(strangers)", times: strangers)
        }
        // Until all are heard, the next look reaches back as far as this one.
        guard failures == 0 else { return }
        try await database.maintain(organisation: nil) { transaction in
            heard.looked(at: box.name, began, listed: kept, in: &transaction)
        }
    }

    /// The STOP first, then that it was heard: whatever breaks between the two, it is heard again, and so is one whose
    /// number a later version may be able to read.
    ///
    /// Nil when the gateway did not tell it.
    private func take(_ reply: KeptReply, of box: any ReplyBox) async throws -> TakeStop.Hearing? {
        let said: GatewayReply?
        do throws(RepliesUnavailable) {
            said = try await box.read(reply)
        } catch {
            warn(error, box)
            return nil
        }
        var hearing = TakeStop.Hearing.heard
        if let said { hearing = try await stop.run(said, from: box.name, run: reply.identity) }
        guard hearing != .unreadable else { return hearing }
        try await database.maintain(organisation: nil) { transaction in
            heard.note(reply.identity, of: box.name, in: &transaction)
        }
        return hearing
    }

    private func warn(_ error: RepliesUnavailable, _ box: any ReplyBox) {
        unheard.tell(.noAnswer, of: box.name, error.reason)
    }
}
