import HTTPClient
import Logging
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What a mail leaves with besides its words.
struct Enclosure: Sendable {
    var attachments: [MailMessage.Attachment] = []
    /// The link by which the invoice it brings is paid.
    var payLink: PayLink?
}

/// Has a mail's document and pay link at hand before the mail is claimed: a worker that dies meanwhile leaves it ready.
///
/// Both are asked for at each try and kept nowhere, so that no mail leaves with a link that was used or called off
/// since it was written (NOT-10, INV-5).
struct BringDocument {
    /// How long a mail waits whose document or link could not be had.
    static let waitSeconds: Int64 = 30
    private static let noLink = "its pay link could not be asked for"
    let database: Database
    let fetch: FetchDocument
    let links: AskPayLink
    /// How late an invoice leaves at the most because its link could not be asked for; then it leaves without.
    let linkWait: Duration
    let ids: IdentifierSource
    let logger: Logger
    let messages = MessageStore()
    let oneMail = KeepToOneMail()

    /// Nil when the message does not leave now: it waits for what it brings, or there is no such thing.
    func run(_ waiting: WaitingMessage) async throws -> Enclosure? {
        guard waiting.bringsDocument else { return Enclosure() }
        let (found, turn) = try await database.read(organisation: waiting.organisation) { transaction in
            let found = try messages.find(waiting.id, &transaction)
            return (found, try found.map { try oneMail.turn(of: $0, &transaction) })
        }
        guard let found, found.message.state == .ready else { return nil }
        guard turn != .waits else {
            try await database.change(because: waiting.step("wait-for-other-mail", ids)) { change in
                guard try messages.lock(waiting.id, in: &change)?.message.state == .ready else { return }
                try oneMail.wait(waiting.id, in: &change)
            }
            return nil
        }
        switch await enclosure(of: found, givingWay: turn == .givesWay) {
        case .success(let enclosure?): return enclosure
        case .success(nil):
            try await database.change(because: waiting.step("call-off-without-link", ids)) { change in
                try callOff(waiting.id, in: &change)
            }
        case .failure(let error):
            try await database.change(because: waiting.step("wait-for-document", ids)) { change in
                try wait(waiting.id, because: error, in: &change)
            }
        }
        return nil
    }

    /// Nil where the mail is about a link that leads nowhere any more, or that another mail brings.
    private func enclosure(
        of record: MessageRecord, givingWay: Bool
    ) async -> Result<Enclosure?, OwnerUnavailable> {
        guard !givingWay else { return .success(nil) }
        do throws(OwnerUnavailable) {
            let link = try await payLink(for: record)
            guard isWanted(record, with: link) else { return .success(nil) }
            return .success(Enclosure(attachments: [try await document(of: record, link)], payLink: link))
        } catch {
            return .failure(error)
        }
    }

    /// What is about a link alone says what is due of its payment: it leaves with the link of that one or not at all.
    private func isWanted(_ record: MessageRecord, with link: PayLink?) -> Bool {
        guard record.occasion == .invoiceLink else { return true }
        guard let link else { return false }
        guard let asked = (try? MessageFacts(record.facts))?.payment, let live = link.payment else { return true }
        return asked == live
    }

    private func document(
        of record: MessageRecord, _ link: PayLink?
    ) async throws(OwnerUnavailable) -> MailMessage.Attachment {
        do throws(OwnerUnavailable) {
            return try await fetch.run(for: record, paidBy: link)
        } catch {
            throw OwnerUnavailable(
                reason: "its document could not be fetched: \(error.reason)", isFinal: error.isFinal)
        }
    }

    private func payLink(for record: MessageRecord) async throws(OwnerUnavailable) -> PayLink? {
        guard let invoice = record.matter.invoice, record.occasion != .creditNote else { return nil }
        do throws(OwnerUnavailable) {
            return try await links.run(for: invoice, in: record.organisation)
        } catch {
            // An invoice is owed its mail, with a button or without; what is about its link alone goes on waiting.
            guard record.occasion != .invoiceLink, hasWaited(record) else {
                throw OwnerUnavailable(reason: "\(Self.noLink): \(error.reason)")
            }
            logger.warning(
                "an invoice is mailed without its pay link",
                metadata: [LogField.subjectID: "\(record.message.id)", LogField.reason: "\(error.reason)"])
            return nil
        }
    }

    /// What was late for another reason is asked about twice at the least.
    private func hasWaited(_ record: MessageRecord) -> Bool {
        record.isLate(after: linkWait) && record.reason?.hasPrefix(Self.noLink) == true
    }

    private func callOff(_ id: MessageID, in change: inout Change) throws {
        guard let record = try messages.lock(id, in: &change), record.message.state == .ready else { return }
        try change.callOff(record, because: .unwanted)
    }

    private func wait(_ id: MessageID, because error: OwnerUnavailable, in change: inout Change) throws {
        guard let record = try messages.lock(id, in: &change), record.message.state == .ready else { return }
        guard error.isFinal else {
            return try messages.postpone(id, bySeconds: Self.waitSeconds, reason: error.reason, in: &change)
        }
        try change.callOff(record, asFailed: error.reason)
    }
}
