import NotificationChannels
import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Somebody replied STOP: no organisation that wrote to that phone may send it marketing any more (NOT-9).
struct TakeStop {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let share: ShareWithdrawals
    let consents = ConsentStore()
    let clinics = ClinicStore()

    /// What became of a reply.
    enum Hearing: Sendable {
        /// Its STOP holds, or it is none.
        case heard
        /// Nobody can read whose number it is of.
        case unreadable
        /// No organisation wrote to that number.
        case ofStranger
    }

    /// What a gateway that does not sign, or keeps replies, tells of: `run` is the same for the same reply.
    func run(_ reply: GatewayReply, from gateway: String, run: String) async throws -> Hearing {
        guard StopWord.begins(reply.text) else { return .heard }
        return try await self.run(reply.from, "reply by SMS", from: gateway, run: "\(gateway)/\(run)")
    }

    /// `proof` says where and how it was said; the same word twice withdraws what is withdrawn.
    func run(_ number: String, _ proof: String, from gateway: String, run: String) async throws -> Hearing {
        let (phones, writers) = try await database.read(organisation: nil) { transaction in
            let phones = try readings(of: number, &transaction)
            return (phones, try consents.writers(to: phones.map(\.e164), &transaction))
        }
        let now = time.now()
        let each = Dictionary(grouping: writers, by: \.organisation).sorted { $0.key < $1.key }
        for (organisation, writers) in each {
            let cause = Cause(
                .job(name: "stop", run: "\(run)/\(organisation)"), organisation: organisation, actor: gateway,
                correlation: CorrelationID((writers.first?.client?.value ?? organisation.value)))
            try await database.change(because: cause) { change in
                for writer in writers { try withdraw(writer, proof, at: now, in: &change) }
            }
        }
        if phones.isEmpty { return .unreadable }
        return writers.isEmpty ? .ofStranger : .heard
    }

    /// With its country, whose plus sign some networks leave out, or as it is dialled where a clinic is.
    ///
    /// Nobody knows of which country a number is that does not say so: of all it may be, those we wrote to are meant.
    private func readings(of number: String, _ transaction: inout PostgresTransaction) throws -> Set<Phone> {
        let readings = try clinics.allNumbers(&transaction).readings(number)
        return Phone(e164: "+" + number.drop { $0 == "+" }).map { readings.union([$0]) } ?? readings
    }

    private func withdraw(
        _ writer: ConsentStore.Writer, _ proof: String, at now: Instant, in change: inout Change
    ) throws {
        let before = try consents.decision(
            of: writer.address, by: .sms, in: writer.organisation, &change.transaction)
        let isNews = before != .withdrawn
        if isNews {
            try consents.add(
                ConsentRecord(
                    id: ids.make(), channel: .sms, address: writer.address, decision: .withdrawn, proof: proof,
                    decidedAt: now), in: &change)
        }
        // Said once more, it is of what was agreed to under another number since.
        try share.run(from: writer.address, at: now, isNews: isNews, in: &change)
    }
}
