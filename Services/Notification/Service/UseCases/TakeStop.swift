import EventContract
import NotificationChannels
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Somebody replied STOP: no organisation that wrote to that phone may send it marketing any more (NOT-9).
struct TakeStop {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let consents = ConsentStore()

    /// What a gateway that does not sign, or keeps replies, tells of: `run` is the same for the same reply.
    ///
    /// False for a STOP of which nobody can tell whose it is.
    @discardableResult
    func run(_ reply: GatewayReply, from gateway: String, run: String) async throws -> Bool {
        guard StopWord.begins(reply.text) else { return true }
        guard let phone = phone(reply.from) else { return false }
        try await self.run(phone, "reply by SMS", from: gateway, run: "\(gateway)/\(run)")
        return true
    }

    /// With its country, whose plus sign some networks leave out, or as it is dialled in France.
    private func phone(_ number: String) -> Phone? {
        Phone(e164: "+" + number.drop { $0 == "+" }) ?? WrittenNumbers().read(number)
    }

    /// `proof` says where and how it was said; the same word twice withdraws what is withdrawn.
    func run(_ phone: Phone, _ proof: String, from gateway: String, run: String) async throws {
        let writers = try await database.read(organisation: nil) { transaction in
            try consents.writers(to: phone.e164, &transaction)
        }
        let now = time.now()
        for writer in writers {
            let cause = Cause(
                .job(name: "stop", run: "\(run)/\(writer.organisation)"), organisation: writer.organisation,
                actor: gateway, correlation: CorrelationID((writer.client?.value ?? writer.organisation.value)))
            let id: MessageID = ids.make()
            try await database.change(because: cause) { change in
                let before = try consents.decision(
                    of: phone.e164, by: .sms, in: writer.organisation, &change.transaction)
                guard before != .withdrawn else { return }
                try consents.add(
                    ConsentRecord(
                        id: id, channel: .sms, address: phone.e164, decision: .withdrawn, proof: proof,
                        decidedAt: now), in: &change)
                guard let client = writer.client else { return }
                change.announce(RecipientOptedOutV1(clientID: client, channel: .sms), about: client)
            }
        }
    }
}
