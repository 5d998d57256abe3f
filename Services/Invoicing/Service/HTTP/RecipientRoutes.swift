import HTTPServer
import InvoicingDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Whom a message about a debt or money goes to: events carry no personal data, so their readers ask (NOT-2).
struct RecipientRoutes {
    let database: Database
    let invoices = InvoiceStore()
    let receivables = ReceivableStore()
    let payments = PaymentOnAccountStore()
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let levels = DunningStore()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/invoices/{invoiceID}/recipient", operation: "getInvoiceRecipient",
                access: .roles([.service], scope: "invoices:recipients"), get),
            Route(
                .get, "/v1/receivables/{receivableID}/recipient", operation: "getReceivableRecipient",
                access: .roles([.service], scope: "invoices:recipients"), getOfReceivable),
            Route(
                .get, "/v1/payments-on-account/{paymentOnAccountID}/recipient", operation: "getReceiptRecipient",
                access: .roles([.service], scope: "invoices:recipients"), getOfReceipt),
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let number = try request.readQuery { fields in fields.optionalInteger("level", in: 1...DunningLevels.countMax) }
        let principal = try request.principal
        let organisation = principal.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            guard let invoice = try invoices.find(id, of: organisation, in: &transaction)?.invoice,
                principal.clinics.includes(invoice.clinic),
                let client = try clients.find(invoice.client, of: organisation, in: &transaction),
                let clinic = try organisations.clinic(invoice.clinic, of: organisation, in: &transaction),
                let answer = RecipientAnswer(
                    invoice, of: client.details, at: clinic,
                    asked: try level(number, of: .invoice(id), organisation, in: &transaction),
                    isPaused: try number == nil ? nil : isPaused(client, at: clinic, organisation, &transaction))
            else { throw NotFound.invoice(id) }
            return answer
        }
        return try .json(.ok, answer)
    }

    @Sendable private func getOfReceivable(_ request: Request) async throws -> Response {
        let id: ReceivableID = try request.path("receivableID")
        let number = try request.readQuery { fields in fields.optionalInteger("level", in: 1...DunningLevels.countMax) }
        let principal = try request.principal
        let organisation = principal.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            guard let receivable = try receivables.find(id, of: organisation, in: &transaction)?.receivable,
                principal.clinics.includes(receivable.clinic),
                let client = try clients.find(receivable.client, of: organisation, in: &transaction),
                let clinic = try organisations.clinic(receivable.clinic, of: organisation, in: &transaction)
            else { throw NotFound.receivable(id) }
            return RecipientAnswer(
                receivable, of: client.details, at: clinic,
                asked: try level(number, of: .receivable(id), organisation, in: &transaction),
                isPaused: try number == nil ? nil : isPaused(client, at: clinic, organisation, &transaction))
        }
        return try .json(.ok, answer)
    }

    /// The level a message is about; without its number the one at which the debt was last asked for.
    private func level(
        _ number: Int?, of debt: Debt, _ organisation: OrganisationID,
        in transaction: inout PostgresTransaction
    ) throws -> DunningLevel? {
        guard let number else {
            return try levels.reached(by: debt, of: organisation, in: &transaction)?.level
        }
        return try levels.find(of: organisation, in: &transaction).levels[number]
    }

    /// It is the clinic's own day that counts (C-09).
    private func isPaused(
        _ client: ClientRecord, at clinic: ClinicRecord, _ organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        guard let last = client.dunningPausedUntil else { return false }
        return try organisations.today(of: organisation, in: &transaction)[clinic.id].map { $0 <= last } ?? false
    }

    @Sendable private func getOfReceipt(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let principal = try request.principal
        let organisation = principal.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            guard let payment = try payments.find(id, of: organisation, in: &transaction)?.payment,
                principal.clinics.includes(payment.clinic),
                let client = try clients.find(payment.client, of: organisation, in: &transaction),
                let clinic = try organisations.clinic(
                    payment.clinic ?? client.clinic, of: organisation, in: &transaction)
            else { throw NotFound.paymentOnAccount(id) }
            return RecipientAnswer(payment, of: client.details, at: clinic)
        }
        return try .json(.ok, answer)
    }
}
