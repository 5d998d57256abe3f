import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime

/// An organisation of one test's own, with one clinic, in the database all tests share.
struct Chain: Sendable {
    let bench: InvoicingBench
    let organisation: OrganisationID
    let clinic: ClinicID

    static func open(
        on bench: InvoicingBench? = nil, code: String = "LILAS", timeZone: String = "Europe/Paris"
    ) async throws -> Chain {
        let bench = if let bench { bench } else { try await InvoicingBench.get() }
        let organisation: OrganisationID = IdentifierSource.system.make()
        let named = try await bench.http.call(
            .put, "/v1/organisation", as: principal(of: organisation), json: #"{"name":"Les Tilleuls"}"#,
            headers: seen(0))
        guard named.status == 200 else { throw InvoicingBenchFailure(description: named.text) }
        let clinic = #"{"code":"\#(code)","name":"Clinique","timeZone":"\#(timeZone)"}"#
        let made = try await bench.http.call(
            .post, "/v1/clinics", as: principal(of: organisation), json: clinic, key: code)
        return Chain(bench: bench, organisation: organisation, clinic: try made.id())
    }

    /// Somebody of an organisation, with every scope of the service.
    static func principal(
        of organisation: OrganisationID, role: Role = .manager, clinics: ClinicAccess = .all
    ) -> Principal {
        Principal(
            subject: "tester", organisation: organisation, clinics: clinics, role: role,
            scopes: [
                "organisation:read", "organisation:write", "clients:read", "clients:write", "invoices:read",
                "invoices:write", "invoices:recipients",
            ])
    }

    func principal(role: Role = .manager, clinics: ClinicAccess = .all) -> Principal {
        Chain.principal(of: organisation, role: role, clinics: clinics)
    }

    /// A manager whose token lacks a scope.
    func without(_ scope: Scope) -> Principal {
        let all = principal()
        return Principal(
            subject: all.subject, organisation: organisation, clinics: .all, role: .manager,
            scopes: all.scopes.subtracting([scope]))
    }

    /// Calls a route as the manager, with a key of its own unless one is given.
    func call(
        _ method: HTTPMethod, _ path: String, _ json: String? = nil, key: String? = nil, headers: Headers = Headers(),
        as principal: Principal? = nil
    ) async throws -> InProcessClient.Answer {
        try await bench.http.call(
            method, path, as: principal ?? self.principal(), json: json,
            key: key ?? (method == .post ? Chain.newKey() : nil), headers: headers)
    }

    static func newKey() -> String { "key-\(IdentifierSource.system.next())" }
}

// MARK: What tests make

extension Chain {
    func anotherClinic(_ code: String) async throws -> ClinicID {
        try await call(.post, "/v1/clinics", #"{"code":"\#(code)","name":"Clinique \#(code)"}"#).id()
    }

    func client(phone: String? = nil) async throws -> ClientID {
        let phone = phone.map { #""phone":"\#($0)","# } ?? ""
        return try await call(
            .post, "/v1/clients",
            #"{"clinicID":"\#(clinic)","lastName":"Martin","firstName":"Ada",\#(phone)"town":"Lyon"}"#
        ).id()
    }

    /// A request for an invoice of one line without VAT, so that it bills what the line costs.
    func draft(
        _ cents: Int64, for client: ClientID, clinic: ClinicID? = nil, issuedOn: String? = "2026-11-20",
        dueOn: String = "2026-12-20", reference: String? = nil, vatBasisPoints: Int = 0
    ) -> String {
        let issued = issuedOn.map { #","issuedOn":"\#($0)""# } ?? ""
        let named = reference.map { #","reference":"\#($0)""# } ?? ""
        return """
            {"clientID":"\(client)","clinicID":"\(clinic ?? self.clinic)","dueOn":"\(dueOn)"\(issued)\(named),
             "lines":[{"label":"Consultation","unitPriceTenThousandths":\(cents * 100),
                       "vatBasisPoints":\(vatBasisPoints)}]}
            """
    }

    func invoice(
        _ cents: Int64, for client: ClientID, clinic: ClinicID? = nil, issuedOn: String? = "2026-11-20",
        dueOn: String = "2026-12-20"
    ) async throws -> InvoiceID {
        let draft = draft(cents, for: client, clinic: clinic, issuedOn: issuedOn, dueOn: dueOn)
        return try await call(.post, "/v1/invoices", draft).id()
    }

    /// Issues a draft as somebody who has seen one of its versions.
    func issue(
        _ draft: InvoiceID, on day: String = "2026-11-20", seen version: Int = 1, key: String? = nil,
        as principal: Principal? = nil
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/invoices/\(draft)/issue", #"{"issuedOn":"\#(day)"}"#, key: key,
            headers: Chain.seen(version), as: principal)
    }

    /// What a caller sends that has read this version.
    static func seen(_ version: Int = 1) -> Headers { ["If-Match": "\"v\(version)\""] }

    func imports(
        _ file: String, mode: String = "keep-good", key: String = Chain.newKey(), as principal: Principal? = nil
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/invoice-imports?mode=\(mode)", file, key: key, headers: ["Content-Type": "text/csv"],
            as: principal)
    }
}

// MARK: What tests see

extension Chain {
    func invoice(_ id: InvoiceID) async throws -> JSONValue { try await call(.get, "/v1/invoices/\(id)").json }

    /// Status, then paid, credited and due in cents.
    func standing(of id: InvoiceID) async throws -> String {
        let invoice = try await invoice(id)
        let amounts = ["paid", "credited", "due"].map { "\(invoice.cents($0) ?? -1)" }
        return ([invoice["status"]?.text ?? "none"] + amounts).joined(separator: " ")
    }

    func totals() async throws -> JSONValue { try await call(.get, "/v1/totals").json }

    /// What an amount of the totals is in cents.
    func total(_ name: String) async throws -> Int64? { try await totals().cents(name) }

    /// The types of the events about something, in order, without what all have in common.
    func events(about subject: some Identifier) async throws -> [String] {
        let types: [String] = try await bench.askAll(
            "SELECT type FROM outbox WHERE subject = \(subject.value) ORDER BY position")
        return types.map { String($0.dropFirst("org.quittance.invoicing.".count).dropLast(".v1".count)) }
    }

    /// Of which money credit notes of an invoice told that it pays for it no more, and how much in cents.
    func taken(from invoice: InvoiceID) async throws -> [String] {
        try await bench.askAll(
            """
            SELECT concat_ws(' ', part ->> 'paymentOnAccountID', part -> 'amount' ->> 'minorUnits')
            FROM outbox
                CROSS JOIN LATERAL json_array_elements(convert_from(value, 'UTF8')::json -> 'takenFrom') AS part
            WHERE subject = \(invoice.value) ORDER BY position
            """)
    }

    /// The days that events about something told in a field, in order.
    func days(_ field: String, toldAbout subject: some Identifier) async throws -> [String] {
        try await bench.askAll(
            """
            SELECT convert_from(value, 'UTF8')::json ->> \(field)::text AS day FROM outbox
            WHERE subject = \(subject.value) AND convert_from(value, 'UTF8')::json ->> \(field)::text IS NOT NULL
            ORDER BY position
            """)
    }

    /// The amount received and what is left of it as credit, of each payment on account of a client.
    func payments(of client: ClientID) async throws -> [String] {
        try await bench.askAll(
            """
            SELECT concat_ws(' ', amount, allocated, unallocated, refunded) FROM payment_on_account
            WHERE client = \(client) ORDER BY id
            """)
    }

    func numbers(_ table: StaticString = "invoice", _ column: StaticString = "number") async throws -> [String] {
        try await bench.askAll(
            """
            SELECT \(unescaped: "\(column)") AS number FROM \(unescaped: "\(table)")
            WHERE organisation = \(organisation) AND \(unescaped: "\(column)") IS NOT NULL ORDER BY number
            """)
    }
}

extension InProcessClient.Answer {
    /// The id of what was made.
    func id<ID: Identifier>() throws -> ID {
        guard status < 300, let id = json["id"]?.text.flatMap({ ID($0) }) else {
            throw InvoicingBenchFailure(description: "\(status) \(text)")
        }
        return id
    }

    /// The field, reason and remedy of a refusal.
    var refusal: [String?] {
        let error = json["errors"]?.elements?.first
        return [error?["pointer"]?.text, error?["reason"]?.text, error?["remedy"]?.text]
    }
}

extension JSONValue {
    func cents(_ name: String) -> Int64? { self[name]?["minorUnits"]?.integer }
}
