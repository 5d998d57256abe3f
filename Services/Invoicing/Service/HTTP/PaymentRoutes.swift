import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Payments on account, what they are counted for, and online payments that wait (INV-9, INV-13).
struct PaymentRoutes {
    let database: Database
    let apply: ApplyCredit
    let reverse: ReverseCollection
    let accept: AcceptOnlinePayment
    let payments = PaymentOnAccountStore()
    let waiting = WaitingPaymentStore()
    let names = ClientNames()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let writing = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:write")
        let keeping = Access.roles([.manager, .accountant], scope: "invoices:write")
        return [
            Route(
                .get, "/v1/payments-on-account", operation: "listPaymentsOnAccount", access: reading, list),
            Route(
                .get, "/v1/payments-on-account/{paymentOnAccountID}", operation: "getPaymentOnAccount",
                access: reading, get),
            Route(
                .post, "/v1/payments-on-account/{paymentOnAccountID}/allocations", operation: "applyCredit",
                access: writing, idempotency: .required, applyCredit),
            Route(
                .post, "/v1/payments-on-account/{paymentOnAccountID}/reversal", operation: "reversePaymentOnAccount",
                access: keeping, idempotency: .required, reversePayment),
            Route(
                .get, "/v1/waiting-payments", operation: "listWaitingPayments", access: reading, listWaiting),
            Route(
                .post, "/v1/waiting-payments/{paymentID}/acceptance", operation: "acceptWaitingPayment",
                access: keeping, idempotency: .required, acceptPayment),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, period) = try request.readQuery { fields in
            (fields.page(by: PaymentOnAccountID.self), PeriodFilter.ofPayments(fields))
        }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try payments.list(
                of: organisation, at: clinics, period, before: page.before, rows: page.rows, &transaction)
            return try names.named(listed.map { PaymentAnswer($0) }, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try payments.find(id, of: principal.organisation, in: &transaction)
        }
        guard let found, principal.clinics.includes(found.payment.clinic) else { throw NotFound.paymentOnAccount(id) }
        return try .json(.ok, PaymentAnswer(found)).tagged(found.version)
    }

    @Sendable private func applyCredit(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let (day, wish) = try request.read { fields in (fields.localDate("on"), AllocationWish(fields)) }
        let applied = try await apply.run(
            id, as: wish, on: day, seen: request.versionToMatch(), for: request.principal.clinics,
            because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func reversePayment(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let (day, reason) = try request.read { fields in
            (fields.localDate("on"), fields.enumeration("reason", as: ReversalReason.self))
        }
        let applied = try await reverse.run(
            id, because: reason, on: day, seen: request.versionToMatch(), for: request.principal.clinics,
            because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func listWaiting(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: PaymentID.self) }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try waiting.list(
                of: organisation, at: clinics, before: page.before, rows: page.rows, &transaction)
            return try names.named(listed.map { WaitingPaymentAnswer($0) }, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.paymentID))
    }

    @Sendable private func acceptPayment(_ request: Request) async throws -> Response {
        let id: PaymentID = try request.path("paymentID")
        let applied = try await accept.run(id, for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}

extension PeriodFilter {
    /// Reads `archived` too, and `method`, of which there may be none: what is looked through for it is a period's or a
    /// client's.
    static func ofPayments(_ fields: Fields) -> PeriodFilter {
        let filter = PeriodFilter(
            fields, method: fields.optionalString("method", max: 40), archived: fields.optionalBoolean("archived"))
        if filter.method != nil, filter.client == nil, filter.days.isAny {
            fields.refuse(
                "method", reason: "It is asked for of a period or of a client.",
                remedy: "Give from, to or clientID, too.")
        }
        return filter
    }
}

/// How a request says what a payment is to be counted for.
private enum WishWord: String, CaseIterable {
    case oldestFirst = "oldest-first"
    case asTold = "as-told"
    case keep
}

extension AllocationWish {
    /// The most debts one payment is told to be counted for.
    static let toldMax = 100

    /// Reads `allocate`, and `allocations` when they are told.
    init(_ fields: Fields) {
        let word = fields.optionalEnumeration("allocate", as: WishWord.self) ?? .oldestFirst
        guard word == .asTold || fields.has("allocations") else {
            self = word == .keep ? .keep : .oldestFirst(before: nil)
            return
        }
        self = .told(fields.list("allocations", count: 1...AllocationWish.toldMax) { ToldAllocation($0) })
        if word != .asTold {
            fields.refuse(
                "allocations", reason: "It goes with \"allocate\": \"as-told\" only.",
                remedy: "Leave it out, or give \"allocate\": \"as-told\".")
        }
    }
}

extension ToldAllocation {
    fileprivate init(_ fields: Fields) {
        let invoice = fields.optionalID("invoiceID", of: InvoiceID.self)
        let receivable = fields.optionalID("receivableID", of: ReceivableID.self)
        if (invoice == nil) == (receivable == nil) {
            fields.refuse(
                "invoiceID", reason: "One debt is meant by each part.",
                remedy: "Give either invoiceID or receivableID.")
        }
        self.init(
            invoice.map(Debt.invoice) ?? .receivable(receivable ?? ReceivableID(0)),
            amount: fields.optionalMoney("amount"))
    }
}
