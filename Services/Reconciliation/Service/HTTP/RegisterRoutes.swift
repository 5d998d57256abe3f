import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What the books must be told about the organisation: its bank accounts, and clinics whose days are of another zone.
struct RegisterRoutes {
    let database: Database
    let clinics: ClinicStore
    let keepAccount: KeepBankAccount
    let accounts = BankAccountStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant, .service], scope: "reconciliation:write")
        return [
            Route(.put, "/v1/clinics/{clinicID}", operation: "putClinic", access: writing, putClinic),
            Route(.put, "/v1/bank-accounts/{iban}", operation: "putBankAccount", access: writing, putAccount),
            Route(.get, "/v1/bank-accounts", operation: "listBankAccounts", access: reading, listAccounts),
        ]
    }

    @Sendable private func putClinic(_ request: Request) async throws -> Response {
        let id: ClinicID = try request.path("clinicID")
        let zone = try request.read { fields in
            fields.text(
                "timeZone", max: 40, else: "", remedy: "Give a zone such as Europe/Paris or Indian/Reunion."
            ) { text in TimeZones.contains(text) ? text : nil }
        }
        let organisation = try request.organisation
        let isOfAnother = try await database.read(organisation: nil) { transaction in
            try clinics.isOfAnother(id, than: organisation, &transaction)
        }
        guard !isOfAnother else { throw NotFound.clinic(id) }
        let applied = try await database.change(because: request.cause()) { change in
            try clinics.put(id, timeZone: zone, in: &change)
            return ClinicAnswer(id: id, timeZone: zone)
        }
        return try .json(.ok, applied.answer)
    }

    @Sendable private func putAccount(_ request: Request) async throws -> Response {
        let text = try request.pathText("iban")
        guard let iban = IBAN.ofAccount(text) else {
            let fault = IBAN.isWritten(as: IBAN.plain(text)) ? IBAN.fault(in: text) : nil
            throw Problem(
                .malformedPath,
                detail: fault.map { "The part {iban} of the path is no number of an account: \($0.reason)" }
                    ?? "The part {iban} of the path is no number of an account.",
                remedy: """
                    Give the IBAN as on the bank's papers, whose check digits must be right, or for an account without \
                    one the number its statements have.
                    """)
        }
        let account = try request.read { fields in
            BankAccountAnswer(
                iban: iban, currency: fields.currency("currency"),
                books: fields.optionalObject("books").map { BankAccountAnswer.Books($0) })
        }
        let applied = try await keepAccount.run(account, because: request.cause())
        return try .json(.ok, applied.answer)
    }

    @Sendable private func listAccounts(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try accounts.list(of: organisation, &transaction)
        }
        return try .json(.ok, ["items": found])
    }
}

extension BankAccountAnswer.Books {
    fileprivate init(_ fields: Fields) {
        self.init(
            number: fields.string("number", max: 20), label: fields.string("label", max: 100),
            journal: fields.journalCode("journal"))
    }
}
