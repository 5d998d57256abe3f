import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Payments as staff and other services reach them.
struct PaymentRoutes: Sendable {
    let request: RequestPayment
    let cancel: CancelPayment
    let refund: RefundPayment
    let resolve: ResolvePayment
    let addresses: PublicAddresses
    let clinics = ClinicStore()

    private var ask: AskProvider { request.ask }
    private var store: PaymentStore { ask.store }
    private var database: Database { store.database }

    var routes: [Route] {
        [
            Route(
                .post, "/v1/payments", operation: "requestPayment", access: .makePayments, idempotency: .required,
                requestPayment),
            Route(.get, "/v1/payments", operation: "listPayments", access: .seePayments, listPayments),
            Route(.get, "/v1/payments/{paymentID}", operation: "getPayment", access: .seePayments, getPayment),
            Route(
                .get, "/v1/payments/{paymentID}/history", operation: "getPaymentHistory", access: .seePayments,
                getHistory),
            Route(
                .get, "/v1/payments/{paymentID}/timeline", operation: "getPaymentTimeline", access: .seePayments,
                getTimeline),
            Route(
                .post, "/v1/payments/{paymentID}/cancel", operation: "cancelPayment", access: .makePayments,
                cancelPayment),
            Route(
                .post, "/v1/payments/{paymentID}/refunds", operation: "refundPayment", access: .refundPayments,
                idempotency: .required, refundPayment),
            Route(
                .post, "/v1/payments/{paymentID}/resolutions", operation: "resolvePayment", access: .resolvePayments,
                idempotency: .required, resolvePayment),
            Route(
                .get, "/v1/payments/{paymentID}/recipient", operation: "getRecipient", access: .reachClients,
                getRecipient),
        ]
    }

    // MARK: Asking

    @Sendable private func requestPayment(_ request: Request) async throws -> Response {
        var draft = try request.read(PaymentDraftReader.draft)
        let principal = try request.principal
        try principal.require(draft.clinic)
        if principal.role != .service { draft.requestedBy = principal.subject }
        let (id, made) = try await self.request.run(draft, because: try request.cause())
        let record = if let made { made } else { try await visible(id, request) }
        let link = try link(of: record)
        return try .json(.created, CreatedAnswer(payment: PaymentAnswer(record), payLink: link)).tagged(record.version)
            .with("Location", "/v1/payments/\(id)")
    }

    private struct CreatedAnswer: Encodable {
        let payment: PaymentAnswer
        let payLink: String
    }

    func link(of record: PaymentRecord) throws -> String {
        addresses.link(try token(of: record))
    }

    func token(of record: PaymentRecord) throws -> Secret {
        try ask.sealer.open(record.token.sealed, of: record.id)
    }

    /// The payment of an invoice that may still be paid, of the caller's clinics.
    func live(of invoice: InvoiceID, for principal: Principal) async throws -> PaymentRecord? {
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try store.findLive(for: .invoice(invoice), of: principal.organisation, in: &transaction)
        }
        return found.flatMap { principal.clinics.includes($0.clinic) ? $0 : nil }
    }

    // MARK: Seeing

    @Sendable private func getPayment(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        guard !request.hasCurrent(record.version) else { return .empty(.notModified).tagged(record.version) }
        return try .json(.ok, PaymentAnswer(record)).tagged(record.version)
    }

    @Sendable private func getHistory(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        let lines = try await database.read(organisation: record.organisation) { transaction in
            try store.history.lines(of: record.id, record.organisation, in: &transaction)
        }
        return try .json(.ok, Page(items: lines.map(HistoryAnswer.init), next: nil))
    }

    /// Every state, every call and every notification, in order (PAY-11).
    @Sendable private func getTimeline(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        let (history, exchanges) = try await database.read(organisation: record.organisation) { transaction in
            (
                try store.history.lines(of: record.id, record.organisation, in: &transaction),
                try store.exchanges.lines(of: record.id, record.organisation, in: &transaction)
            )
        }
        let waiting = store.notes.lines(about: record.id)
        return try .json(.ok, Page(items: TimelineAnswer.merged(history, exchanges + waiting), next: nil))
    }

    @Sendable private func listPayments(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let (page, filter) = try request.readQuery { fields -> (PageRequest<PaymentID>, SalesFilter) in
            let page = fields.page(by: PaymentID.self)
            return (page, salesFilter(fields, page, principal))
        }
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try store.page(filter, of: principal.organisation, in: &transaction)
        }
        return try .json(.ok, Page(found.map(PaymentAnswer.init), of: page, id: \.id))
    }

    private func salesFilter(_ fields: Fields, _ page: PageRequest<PaymentID>, _ principal: Principal) -> SalesFilter {
        var filter = SalesFilter(rows: page.rows)
        filter.before = page.last
        filter.state = fields.optionalEnumeration("state")
        filter.client = fields.optionalID("clientID")
        filter.invoice = fields.optionalID("invoiceID")
        filter.receivable = fields.optionalID("receivableID")
        filter.provider = fields.optionalEnumeration("provider")
        filter.plan = fields.optionalText("plan", max: 12, remedy: "Give a plan such as 3x or 1x+30d.") {
            PaymentPlan(code: $0)
        }
        filter.disposition = fields.optionalEnumeration("disposition")
        filter.isHeld = fields.optionalBoolean("held")
        filter.hasAlarm = fields.optionalBoolean("alarm")
        filter.isLate = fields.optionalBoolean("late")
        filter.dispute = fields.optionalEnumeration("dispute")
        filter.from = fields.optionalLocalDate("from")
        filter.to = fields.optionalLocalDate("to")
        filter.text = fields.optionalString("search", max: 80)
        filter.clinics = principal.clinics.list
        if let clinic: ClinicID = fields.optionalID("clinicID") {
            filter.clinics = principal.clinics.includes(clinic) ? [clinic] : []
        }
        return filter
    }

    /// A payment of the caller's clinics; any other does not exist for it.
    func visible(_ id: PaymentID, _ request: Request) async throws -> PaymentRecord {
        let principal = try request.principal
        let record = try await database.read(organisation: principal.organisation) { transaction in
            try store.find(id, of: principal.organisation, in: &transaction)
        }
        guard let record, principal.clinics.includes(record.clinic) else { throw NotFound.payment }
        return record
    }
}

// MARK: Changing

extension PaymentRoutes {
    @Sendable private func cancelPayment(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        let prompt = Prompt.request(request, actor: try request.principal.subject, record.organisation)
        try await cancel.run(record.id, because: try request.cause(), prompt)
        let after = try await visible(record.id, request)
        // Until the provider has answered nothing is decided.
        let status: Status = after.payment.state.isLive ? .accepted : .ok
        return try .json(status, PaymentAnswer(after)).tagged(after.version)
    }

    @Sendable private func refundPayment(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        let amount = try request.read { $0.optionalMoney("amount") }
        let prompt = Prompt.request(request, actor: try request.principal.subject, record.organisation)
        let id = try await refund.run(
            RefundPayment.Wish(payment: record.id, amount: amount), because: try request.cause(), prompt)
        let after = try await visible(record.id, request)
        return try .json(.created, RefundedAnswer(refundID: id, payment: PaymentAnswer(after))).tagged(after.version)
    }

    private struct RefundedAnswer: Encodable {
        let refundID: RefundID
        let payment: PaymentAnswer
    }

    @Sendable private func resolvePayment(_ request: Request) async throws -> Response {
        let record = try await visible(try request.path("paymentID"), request)
        let decision = try request.read { fields in
            ResolvePayment.Decision(
                payment: record.id, alarm: fields.words("alarm", max: 40),
                reference: fields.words("providerReference", max: 100), resolution: fields.enumeration("resolution"),
                reason: fields.words("reason", max: 500))
        }
        let prompt = Prompt.request(request, actor: try request.principal.subject, record.organisation)
        try await resolve.run(decision, because: try request.cause(), prompt)
        let after = try await visible(record.id, request)
        return try .json(.ok, PaymentAnswer(after)).tagged(after.version)
    }

    @Sendable private func getRecipient(_ request: Request) async throws -> Response {
        let (id, principal): (PaymentID, Principal) = (try request.path("paymentID"), try request.principal)
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try store.find(id, of: principal.organisation, with: clinics, in: &transaction)
        }
        guard let (record, clinic) = found, principal.clinics.includes(record.clinic) else { throw NotFound.payment }
        return try .json(.ok, recipient(of: record, at: clinic))
    }

    /// Whom a message about a payment goes to.
    func recipient(of record: PaymentRecord) async throws -> RecipientAnswer {
        let clinic = try await database.read(organisation: record.organisation) { transaction in
            try clinics.find(record.clinic, of: record.organisation, in: &transaction)
        }
        return try recipient(of: record, at: clinic?.name ?? "")
    }

    private func recipient(of record: PaymentRecord, at clinic: String) throws -> RecipientAnswer {
        guard let client = record.client else { throw PaymentRejection.clientErased }
        let terms = record.payment.terms
        return RecipientAnswer(
            paymentID: record.id, clientID: terms.client, firstName: client.firstName, lastName: client.lastName,
            phone: client.phone.e164, email: client.email.text, language: client.language,
            clinicName: clinic, amount: terms.amount, plan: terms.plan.code, payLink: try link(of: record),
            state: record.payment.state.rawValue, isAgreed: record.payment.isAgreed,
            isCancelling: record.payment.isCancelling, schedule: record.schedule, debits: record.debits)
    }
}

/// Reads what is asked for.
enum PaymentDraftReader {
    static func draft(_ fields: Fields) -> RequestPayment.Draft {
        let channel: PaymentChannel = fields.enumeration("channel")
        let confirmation: Confirmation = fields.optionalEnumeration("confirmation") ?? .nothing
        if confirmation == .code, channel != .browser {
            fields.refuse(
                "confirmation", reason: "A code is read out where the client pays on the clinic's screen.",
                remedy: "Give the channel browser, or leave it out.")
        }
        return RequestPayment.Draft(
            clinic: fields.id("clinicID"), debt: debt(fields), client: fields.id("clientID"),
            amount: fields.money("amount"),
            plan: fields.text("plan", max: 12, else: .now, remedy: "Give a plan such as 3x or 1x+30d.") {
                PaymentPlan(code: $0)
            }, provider: fields.optionalEnumeration("provider") ?? .alma, channel: channel, confirmation: confirmation,
            feeOffered: fields.optionalBoolean("feeOffered"), details: fields.optionalObject("client").map(details),
            title: fields.optionalWords("title", max: 80), another: fields.optionalBoolean("another") ?? false)
    }

    /// A payment is counted for one thing first; of two nobody could say which.
    static func debt(_ fields: Fields) -> Debt? {
        let debt = Debt(invoice: fields.optionalID("invoiceID"), receivable: fields.optionalID("receivableID"))
        if fields.has("invoiceID"), fields.has("receivableID") {
            fields.refuse(
                "receivableID", reason: "An invoice is named too.",
                remedy: "Name one of them; ask for a payment of its own for the other.")
        }
        return debt
    }

    private static func details(_ fields: Fields) -> ClientDetails {
        ClientDetails(
            firstName: fields.words("firstName", max: 80), lastName: fields.words("lastName", max: 80),
            phone: fields.phone("phone"), email: fields.cardFreeEmail("email"),
            addressLine: fields.optionalWords("addressLine"), postalCode: fields.optionalString("postalCode", max: 12),
            town: fields.words("town", max: 80),
            country: fields.country("country"),
            language: fields.optionalEnumeration("language") ?? .french)
    }
}
