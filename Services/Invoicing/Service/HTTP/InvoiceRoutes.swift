import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Invoices, and the sums over all of them (INV-4).
struct InvoiceRoutes {
    let database: Database
    let write: WriteInvoice
    let issue: IssueInvoice
    let rewrite: RewriteDraft
    let cancel: CancelDraft
    let writeNote: WriteCreditNote
    let notes = CreditNoteStore()
    let invoices = InvoiceStore()
    let lists = InvoiceLists()
    let accounts = AccountStore()
    let waiting = WaitingPaymentStore()
    let disputes = DisputeStore()
    let names = ClientNames()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant, .service], scope: "invoices:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "invoices:write")
        return [
            Route(
                .post, "/v1/invoices", operation: "createInvoice", access: writing, idempotency: .required, create),
            Route(.get, "/v1/invoices", operation: "listInvoices", access: reading, list),
            Route(.get, "/v1/invoices/{invoiceID}", operation: "getInvoice", access: reading, get),
            Route(.put, "/v1/invoices/{invoiceID}", operation: "rewriteInvoice", access: writing, rewriteDraft),
            Route(
                .post, "/v1/invoices/{invoiceID}/issue", operation: "issueInvoice", access: writing,
                idempotency: .required, issueDraft),
            Route(
                .delete, "/v1/invoices/{invoiceID}", operation: "cancelInvoice", access: writing, cancelDraft),
            Route(
                .post, "/v1/invoices/{invoiceID}/credit-notes", operation: "createCreditNote", access: writing,
                idempotency: .required, createNote),
            Route(
                .get, "/v1/invoices/{invoiceID}/credit-notes", operation: "listCreditNotes", access: reading,
                listNotes),
            Route(.get, "/v1/credit-notes", operation: "listAllCreditNotes", access: reading, listAllNotes),
            Route(.get, "/v1/credit-notes/{creditNoteID}", operation: "getCreditNote", access: reading, getNote),
            Route(
                .get, "/v1/totals", operation: "getTotals",
                access: .roles([.manager, .accountant], scope: "invoices:read"), totals
            ).forAllClinics,
        ]
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let (draft, issuedOn) = try request.read { fields in
            (InvoiceDraft(fields), fields.optionalLocalDate("issuedOn"))
        }
        try request.principal.require(draft.clinic)
        let applied = try await write.run(draft, issuedOn: issuedOn, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func rewriteDraft(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let draft = try request.read { fields in InvoiceDraft(fields) }
        try request.principal.require(draft.clinic)
        let applied = try await rewrite.run(
            id, as: draft, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func issueDraft(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let (day, dueOn) = try request.read { fields in
            (fields.localDate("issuedOn"), fields.optionalLocalDate("dueOn"))
        }
        let applied = try await issue.run(
            id, on: day, dueOn: dueOn, seen: request.versionToMatch(), for: request.principal.clinics,
            because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func cancelDraft(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let applied = try await cancel.run(
            id, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func createNote(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let (wish, day, reason) = try request.read { fields in
            (CreditWish(fields), fields.localDate("issuedOn"), fields.string("reason"))
        }
        let applied = try await writeNote.run(
            id, wish, because: reason, on: day, seen: request.versionToMatch(), for: request.principal.clinics,
            cause: request.cause())
        return try .json(.created, applied.answer)
    }

    @Sendable private func listNotes(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let page = try request.readQuery { fields in fields.page(by: CreditNoteID.self) }
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            guard let found = try invoices.find(id, of: principal.organisation, in: &transaction),
                principal.clinics.includes(found.invoice.clinic)
            else { throw NotFound.invoice(id) }
            return try notes.list(
                of: id, in: principal.organisation, after: page.after, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map { CreditNoteAnswer($0) }, of: page, id: \.id))
    }

    @Sendable private func listAllNotes(_ request: Request) async throws -> Response {
        let (page, filter) = try request.readQuery { fields in
            (fields.page(by: CreditNoteID.self), DocumentFilter(fields))
        }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try notes.list(
                of: organisation, at: clinics, filter, before: page.before, rows: page.rows, &transaction)
            return try names.named(listed.map { CreditNoteAnswer($0) }, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    /// Without an ETag: nobody can change one.
    @Sendable private func getNote(_ request: Request) async throws -> Response {
        let id: CreditNoteID = try request.path("creditNoteID")
        let principal = try request.principal
        let organisation = principal.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            guard let note = try notes.find(id, of: organisation, in: &transaction),
                let invoice = try invoices.find(note.invoice, of: organisation, in: &transaction)?.invoice,
                principal.clinics.includes(invoice.clinic)
            else { throw NotFound.creditNote(id) }
            return note
        }
        return try .json(.ok, CreditNoteAnswer(found))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let principal = try request.principal
        let (found, marks, disputed) = try await database.read(organisation: principal.organisation) { transaction in
            (
                try invoices.find(id, of: principal.organisation, in: &transaction),
                try waiting.marks(of: id, in: &transaction), try disputes.list(of: id, in: &transaction)
            )
        }
        guard let found, principal.clinics.includes(found.invoice.clinic) else { throw NotFound.invoice(id) }
        var answer = InvoiceAnswer(found)
        answer.online = marks
        answer.disputes = disputed.isEmpty ? nil : disputed
        return try .json(.ok, answer).tagged(found.version)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, filter) = try request.readQuery { fields in
            (fields.page(by: InvoiceID.self), InvoiceFilter(fields))
        }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try lists.invoices(
                of: organisation, at: clinics, filter, before: page.before, rows: page.rows, &transaction)
            return try names.named(listed, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    /// The sums of all clinics, for those who act for all.
    @Sendable private func totals(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let totals = try await database.read(organisation: organisation) { transaction in
            try accounts.totals(of: organisation, in: .eur, &transaction)
        }
        return try .json(.ok, totals)
    }
}

extension InvoiceFilter {
    fileprivate init(_ fields: Fields) {
        let due = fields.days("dueFrom", "dueTo")
        self.init(
            client: fields.optionalID("clientID"), clinic: fields.optionalID("clinicID"),
            status: fields.optionalEnumeration("status"), number: fields.documentNumber(), due: due,
            issued: fields.days("issuedFrom", "issuedTo"))
    }
}

extension DocumentFilter {
    init(_ fields: Fields) {
        self.init(
            client: fields.optionalID("clientID"), clinic: fields.optionalID("clinicID"),
            number: fields.documentNumber(), issued: fields.days("issuedFrom", "issuedTo"))
    }
}

extension Fields {
    /// The days from one to the other, either of which may be left out.
    func days(_ first: String, _ last: String) -> DayPeriod {
        let period = DayPeriod(from: optionalLocalDate(first), to: optionalLocalDate(last))
        if let from = period.from, let to = period.to, from > to {
            refuse(last, reason: "It is before \"\(first)\".", remedy: "Give the later day as \"\(last)\".")
        }
        return period
    }

    /// The number of a document as somebody types it; all of them are in capitals.
    fileprivate func documentNumber() -> String? { optionalString("number", max: 100)?.uppercased() }
}

extension CreditWish {
    /// Reads `amount` or `rates`; neither is everything.
    fileprivate init(_ fields: Fields) {
        let amount = fields.optionalMoney("amount")
        guard fields.has("rates") else {
            self = amount.map(CreditWish.amount) ?? .everything
            return
        }
        self = .rates(
            fields.list("rates", count: 1...DocumentContent.linesMax) { rate in
                RateCredit(rate: rate.basisPoints("vatBasisPoints"), amount: rate.money("amount"))
            })
        if amount != nil {
            fields.refuse("rates", reason: "The amount is said already.", remedy: "Give either amount or rates.")
        }
    }
}

extension InvoiceDraft {
    /// What a request says of an invoice, which is in euros as all the books are.
    init(_ fields: Fields) {
        self.init(
            client: fields.id("clientID"), clinic: fields.id("clinicID"),
            content: DocumentContent(fields).supplied(on: fields.optionalLocalDate("suppliedOn")),
            dueOn: fields.localDate("dueOn"), reference: fields.optionalString("reference", max: 100))
    }
}

extension DocumentContent {
    init(_ fields: Fields) {
        self.init(
            currency: .eur, lines: fields.list("lines", count: 1...DocumentContent.linesMax) { InvoiceLine($0) },
            discount: Discount(fields), notes: fields.optionalString("notes", max: DocumentContent.notesMax),
            delivery: DeliveryPlace(fields))
    }
}

extension DeliveryPlace {
    /// Reads `deliveryAddress`, which may be left out.
    fileprivate init?(_ fields: Fields) {
        guard let place = fields.optionalObject("deliveryAddress") else { return nil }
        self.init(
            name: place.optionalString("name"),
            address: PostalAddress(
                street: place.string("street"), postcode: place.string("postcode", max: 20),
                town: place.string("town", max: 100), country: place.optionalCountry("country") ?? "FR"))
    }
}

extension Discount {
    /// Reads `discount`, which may be left out.
    fileprivate init?(_ fields: Fields) {
        guard let discount = fields.optionalObject("discount") else { return nil }
        let share = discount.optionalInteger("basisPoints", in: 0...10_000)
        let amount = discount.optionalMoney("amount", .notNegative)
        if (share == nil) == (amount == nil) {
            discount.refuse(
                "basisPoints", reason: "A discount is a share or an amount.",
                remedy: "Give either basisPoints or amount.")
        }
        self = share.map { .share(BasisPoints($0)) } ?? .amount(amount ?? .zero(.eur))
    }
}

extension InvoiceLine {
    fileprivate init(_ fields: Fields) {
        let quantity = fields.optionalInteger("quantityThousandths", in: 1...Int(Quantity.thousandthsMax)) ?? 1_000
        let price = fields.integer("unitPriceTenThousandths", in: 0...Int(UnitPrice.tenThousandthsMax))
        self.init(
            label: fields.string("label"), quantity: Quantity(thousandths: Int64(quantity)) ?? .one,
            unit: fields.optionalEnumeration("unit"), unitPrice: UnitPrice(tenThousandths: Int64(price)) ?? .free,
            vatRate: fields.basisPoints("vatBasisPoints"), discount: Discount(fields),
            nature: fields.optionalEnumeration("nature"), practitioner: fields.optionalString("practitioner"),
            exemption: fields.optionalString("exemption"))
    }
}
