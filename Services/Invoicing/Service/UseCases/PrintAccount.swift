import HTTPServer
import InvoicingDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Makes a client's statement and the receipt of a payment as files (INV-7, INV-10).
struct PrintAccount {
    let database: Database
    let file: DocumentFile
    /// Drawing takes milliseconds and the library knows no threads.
    let drawing: BlockingWork
    let clients = ClientStore()
    let accounts = AccountStore()
    let parties = PartiesStore()
    let sellers = SellerStore()
    let payments = PaymentOnAccountStore()
    let methods = MethodStore()
    let titles = DebtList()

    /// `language` nil is the client's.
    func statement(
        of id: ClientID, from: LocalDate, to: LocalDate, in organisation: OrganisationID, language: Language?
    ) async throws -> PrintableStatement {
        try await database.read(organisation: organisation) { transaction in
            guard let client = try clients.find(id, of: organisation, in: &transaction),
                let parties = try parties.now(between: client.clinic, and: id, in: &transaction)
            else { throw NotFound.client(id) }
            let statement = try accounts.statement(of: id, in: .eur, from: from, to: to, &transaction)
            let read = language ?? client.details.language
            let labels = try methods.all(of: organisation, in: &transaction).map { record in
                (record.method.code, record.method.label(in: read))
            }
            return PrintableStatement(
                statement: try statement.naming(Dictionary(labels) { first, _ in first }), from: from, to: to,
                parties: parties,
                look: try sellers.look(of: organisation, in: &transaction), language: client.details.language)
        }
    }

    func receipt(of id: PaymentOnAccountID, for principal: Principal) async throws -> PrintableReceipt {
        let organisation = principal.organisation
        return try await database.read(organisation: organisation) { transaction in
            guard let payment = try payments.find(id, of: organisation, in: &transaction)?.payment,
                principal.clinics.includes(payment.clinic),
                let client = try clients.find(payment.client, of: organisation, in: &transaction),
                let parties = try parties.now(
                    between: payment.clinic ?? client.clinic, and: client.id, in: &transaction)
            else { throw NotFound.paymentOnAccount(id) }
            let titles = try titles.titles(of: payment.allocations.map(\.debt), in: organisation, &transaction)
            let parts = payment.allocations.filter(\.amount.isPositive).map { part in
                PrintableReceipt.Part(title: titles[part.debt] ?? "", amount: part.amount)
            }
            let method = try methods.find(payment.method, of: organisation, in: &transaction)?.method
            return PrintableReceipt(
                payment: payment, method: method,
                payer: try payer(of: payment, organisation, &transaction), parts: parts, parties: parties,
                look: try sellers.look(of: organisation, in: &transaction), language: client.details.language)
        }
    }

    private func payer(
        of payment: PaymentOnAccount, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> String? {
        switch payment.till?.payer {
        case .somebody(let name): name
        case .anotherClient(let id): try clients.name(of: id, in: organisation, &transaction)
        case .theClient, nil: nil
        }
    }

    /// The file of a statement; `language` nil is the client's.
    func pdf(_ printable: PrintableStatement, language: Language?) async throws -> [UInt8] {
        let (file, language) = (file, language ?? printable.language)
        let words = StatementWords(language: language)
        return try await drawing.run {
            try file.write(
                StatementPrinter(printable: printable, words: words).pages(), titled: words.title,
                by: printable.parties.seller.name, in: language, on: printable.to)
        }
    }

    /// The file of a receipt; `language` nil is the client's.
    func pdf(_ printable: PrintableReceipt, language: Language?) async throws -> [UInt8] {
        let (file, language) = (file, language ?? printable.language)
        let words = ReceiptWords(language: language)
        return try await drawing.run {
            try file.write(
                ReceiptPrinter(printable: printable, words: words).pages(),
                titled: "\(words.title) \(printable.number)", by: printable.parties.seller.name, in: language,
                on: printable.payment.receivedOn)
        }
    }
}
