import EventContract
import InvoicingService
import KafkaClient
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// Members of the service's consumer group, each with connections of its own, behind a broker of the test's own.
struct Delivery: Sendable {
    let bench: InvoicingBench
    let broker: PrivateBroker
    private let marker: Chain

    static func with(
        members: Int = 1, on bench: InvoicingBench? = nil, _ body: (Delivery) async throws -> Void
    ) async throws {
        let marker = try await Chain.open(on: bench)
        let delivery = Delivery(bench: marker.bench, broker: try await PrivateBroker.start(), marker: marker)
        let result: Result<Void, any Error>
        do {
            result = .success(try await delivery.running(members, body))
        } catch {
            result = .failure(error)
        }
        await delivery.broker.stop()
        try result.get()
    }

    private func running(_ members: Int, _ body: (Delivery) async throws -> Void) async throws {
        var kafka = broker.settings()
        // The broker lets a group wait for nearly as long whenever a member joins it.
        kafka.sessionTimeout = .seconds(3)
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<members {
                var settings = bench.settings
                settings.connections = 4
                let database = InvoicingBench.makeDatabase(settings)
                for consumer in bench.assembly.consumers {
                    let loop = ConsumerLoop(
                        consumer, database: database, kafka: kafka, policy: .quick,
                        logger: InvoicingBench.logger)
                    tasks.addTask { try await loop.run() }
                }
            }
            try await body(self)
            tasks.cancelAll()
        }
    }

    /// Sends everything and waits until the members have settled it, handled or parked.
    func deliver(_ told: [ToldEvent]) async throws {
        let client = try await marker.client()
        let keys = Array(Set(told.map(\.key)))
        // What comes last under each key: when it is settled, so is everything before it.
        let last = try keys.map { key in
            try marker.accepted(1, by: client, disposition: .heldForClient).under(key: key)
        }
        let producer = try KafkaProducer(broker.settings(), logger: InvoicingBench.logger)
        let sent = try await producer.send((told + last).map(\.record))
        await producer.close()
        for case .failed(let error) in sent { throw error }
        let ids = last.map(\.envelope.id.description)
        try await waitUntil("everything delivered is settled", within: .seconds(120)) {
            let settled: Int64 = try await bench.ask(
                "SELECT count(*) FROM cause WHERE scope = 'message:invoicing' AND key = ANY(\(ids))")
            return settled == Int64(ids.count)
        }
    }
}

/// An event of the payment service, as it stands in its topic.
struct ToldEvent: Sendable {
    let envelope: EventEnvelope
    let value: [UInt8]
    /// Of the record; the subject's own unless a test wants the same event in several partitions.
    private(set) var key: String

    init(_ payload: some EventPayload, about payment: PaymentID, in chain: Chain) throws {
        envelope = EventEnvelope(
            id: IdentifierSource.system.make(), type: type(of: payload).type, subject: payment.value,
            time: TimeSource.system.now(), sequence: 1, organisation: chain.organisation, clinic: chain.clinic,
            correlation: IdentifierSource.system.make())
        value = try EventCoding.encode(payload)
        key = envelope.key
    }

    func under(key: String) -> ToldEvent {
        var copy = self
        copy.key = key
        return copy
    }

    /// The same event in so many partitions at once, as far as keys spread.
    func everywhere(_ copies: Int) -> [ToldEvent] { (0..<copies).map { under(key: "copy-\($0)") } }

    var record: KafkaRecord {
        KafkaRecord(
            topic: envelope.type.topic.rawValue, key: Array(key.utf8), value: value,
            headers: CloudEvent.headers(of: envelope).map { KafkaHeader($0.0, $0.1) })
    }
}

extension Chain {
    /// A client has paid online; each call is another event, also about the same payment.
    func accepted(
        _ cents: Int64, by client: ClientID, for invoice: InvoiceID? = nil, of receivable: ReceivableID? = nil,
        payment: PaymentID? = nil, disposition: PaymentAcceptedV1.Disposition = .receivable,
        at moment: Instant = TimeSource.system.now()
    ) throws -> ToldEvent {
        try accepted(
            .euros(cents: cents), by: client, for: invoice, of: receivable, payment: payment,
            disposition: disposition, at: moment)
    }

    func accepted(
        _ amount: Money, by client: ClientID, for invoice: InvoiceID? = nil, of receivable: ReceivableID? = nil,
        payment: PaymentID? = nil, disposition: PaymentAcceptedV1.Disposition = .receivable,
        at moment: Instant = TimeSource.system.now()
    ) throws -> ToldEvent {
        let payment = payment ?? IdentifierSource.system.make()
        guard let payout = LocalDate("2026-12-01") else { throw InvoicingBenchFailure(description: "no day") }
        let payload = PaymentAcceptedV1(
            paymentID: payment, invoiceID: invoice, receivableID: receivable, clientID: client, amount: amount,
            provider: .alma, providerReference: "payment_\(payment)", plan: .inInstalments(3), schedule: [],
            fee: .euros(cents: 0), feeVAT: .euros(cents: 0),
            acceptedAt: moment, expectedPayoutOn: payout,
            disposition: disposition)
        return try ToldEvent(payload, about: payment, in: self)
    }

    /// The provider has given money back.
    func refunded(
        _ cents: Int64, as refund: RefundID? = nil, of payment: PaymentID, to client: ClientID,
        at moment: Instant = TimeSource.system.now()
    ) throws -> ToldEvent {
        let payload = RefundCompletedV1(
            refundID: refund ?? IdentifierSource.system.make(), paymentID: payment, clientID: client,
            amount: .euros(cents: cents),
            provider: .alma, schedule: [], completedAt: moment)
        return try ToldEvent(payload, about: payment, in: self)
    }
}

// MARK: What comes back or is taken back

extension Chain {
    func returned(
        _ cents: Int64, _ refund: RefundID, of payment: PaymentID, wasCompleted: Bool? = true
    ) throws -> ToldEvent {
        let payload = RefundFailedV1(
            refundID: refund, paymentID: payment, amount: .euros(cents: cents), reason: "account-closed",
            wasCompleted: wasCompleted, failedOn: TimeSource.system.now().utcDate)
        return try ToldEvent(payload, about: payment, in: self)
    }

    func disputed(
        _ cents: Int64, _ reference: String, _ payment: PaymentID, by client: ClientID, _ invoice: InvoiceID?
    ) throws -> ToldEvent {
        let payload = DisputeOpenedV1(
            paymentID: payment, invoiceID: invoice, clientID: client, provider: .stripe, disputeReference: reference,
            amount: .euros(cents: cents), reason: "fraudulent", openedOn: TimeSource.system.now().utcDate)
        return try ToldEvent(payload, about: payment, in: self)
    }

    func disputeEnded(
        _ outcome: DisputeClosedV1.Outcome, _ cents: Int64, _ reference: String, _ payment: PaymentID,
        chargedBack: Int64? = nil, by client: ClientID, _ invoice: InvoiceID?
    ) throws -> ToldEvent {
        let payload = DisputeClosedV1(
            paymentID: payment, invoiceID: invoice, clientID: client, provider: .stripe, disputeReference: reference,
            amount: .euros(cents: cents), chargedBack: chargedBack.map { .euros(cents: $0) }, outcome: outcome,
            closedOn: TimeSource.system.now().utcDate)
        return try ToldEvent(payload, about: payment, in: self)
    }
}
