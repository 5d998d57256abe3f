import HTTPServer
import NotificationDomain
import PaymentModel
import PhoneNumbers
import ServiceRuntime
import TransactionalMessaging

/// The directory: contacts, one by one and as files (NOT-5).
struct ContactRoutes {
    let database: Database
    let keep: KeepContact
    let imports: ImportContacts
    let contacts = ContactStore()
    let clinics = ClinicStore()
    /// Bytes of one file.
    static let fileBytesMax = 20 << 20
    /// Rows of a file that are read at once.
    private static let pageRows = 1_000

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk], scope: "contacts:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "contacts:write")
        let one = "/v1/contacts/{contactID}"
        return [
            Route(.post, "/v1/contacts", operation: "addContact", access: writing, idempotency: .required, add),
            Route(.get, "/v1/contacts", operation: "listContacts", access: reading, list),
            Route(.get, one, operation: "getContact", access: reading, get),
            Route(.put, one, operation: "putContact", access: writing, put),
            Route(.delete, one, operation: "removeContact", access: writing, remove),
            Route(
                .post, "/v1/contact-imports", operation: "importContacts", access: writing, idempotency: .required,
                bodyBytesMax: Self.fileBytesMax, timeMax: .seconds(120), importFile),
            Route(.get, "/v1/contact-export", operation: "exportContacts", access: reading, export),
        ]
    }

    @Sendable private func add(_ request: Request) async throws -> Response {
        let details = try await details(request)
        let applied = try await keep.add(details, because: request.cause())
        return try answer(.created, applied.answer, details)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let id: ContactID = try request.path("contactID")
        let details = try await details(request)
        let applied = try await keep.change(
            id, to: details, seen: request.versionToMatch(), by: request.contactAccess, because: request.cause())
        return try answer(.ok, applied.answer, details)
    }

    /// The number as people write it where the contact's clinic is.
    private func details(_ request: Request) async throws -> ContactDetails {
        var (details, typed) = try request.read { fields in
            let typed = fields.optionalString("phone", max: PhoneNumbers.textMax)
            return (ContactDetails(fields, hasPhone: typed != nil), typed)
        }
        try request.principal.requireAny(details.clinic)
        guard let typed else { return details }
        let numbers = try await numbers(at: details.clinic, for: request)
        details.phone = try numbers.phone(typed, at: "/phone")
        return details
    }

    private func numbers(at clinic: ClinicID?, for request: Request) async throws -> WrittenNumbers {
        let organisation = try request.organisation
        return try await database.read(organisation: organisation) { transaction in
            try clinics.numbers(at: clinic, of: organisation, in: &transaction)
        }
    }

    /// Each contact's number was written as where its clinic is, of which the text says nothing.
    private func filter(_ wanted: ContactFilter, for request: Request) async throws -> ContactFilter {
        guard let text = wanted.text else { return wanted }
        var wanted = wanted
        wanted.phones = try await numbers(at: nil, for: request).readings(text)
        return wanted
    }

    private func answer(
        _ status: Status, _ kept: ContactKept, _ details: ContactDetails
    ) throws -> Response {
        let contact = ContactRecord(id: kept.id, details: details, version: kept.version)
        return try .json(status, ContactAnswer(contact)).tagged(kept.version)
    }

    @Sendable private func remove(_ request: Request) async throws -> Response {
        let id: ContactID = try request.path("contactID")
        try await keep.remove(
            id, seen: request.versionToMatch(), by: request.contactAccess, because: request.cause())
        return .empty()
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: ContactID = try request.path("contactID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try contacts.find(id, of: principal.organisation, &transaction)
        }
        guard let found, principal.clinics.includes(found.details.clinic) else { throw NotFound.contact }
        return try .json(.ok, ContactAnswer(found)).tagged(found.version)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let (page, asked) = try request.readQuery { fields in
            (fields.page(by: ContactID.self), ContactFilter(fields, seenBy: principal.clinics))
        }
        let wanted = try await filter(asked, for: request)
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try contacts.list(
                of: principal.organisation, wanted, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map(ContactAnswer.init), of: page, id: \.id))
    }

    @Sendable private func importFile(_ request: Request) async throws -> Response {
        let (mode, clinic) = try request.readQuery { fields in
            (
                fields.optionalEnumeration("mode", as: ContactImportMode.self) ?? .dryRun,
                fields.optionalID("clinicID", of: ClinicID.self)
            )
        }
        if let clinic { try request.principal.require(clinic) }
        let answer = try await imports.run(
            request.body, mode, at: clinic, by: request.contactAccess, because: request.cause())
        return try request.json(.ok, answer)
    }

    @Sendable private func export(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let asked = try request.readQuery { fields in ContactFilter(fields, seenBy: principal.clinics) }
        let wanted = try await filter(asked, for: request)
        let (database, contacts, organisation) = (database, contacts, principal.organisation)
        let file = PagedFile<ContactRecord>(
            head: CSVLine.mark + CSVLine.write(ContactFile.Column.allCases.map(\.rawValue)),
            fetch: { last in
                try await database.read(organisation: organisation) { transaction in
                    try contacts.list(
                        of: organisation, wanted, before: last?.id ?? ContactID(.max), rows: Self.pageRows,
                        &transaction)
                }
            }, line: { CSVLine.write($0.details.cells) })
        return file.response(filename: "contacts.csv")
    }
}

extension ContactDetails {
    /// What a request says of a contact, but for the number.
    fileprivate init(_ fields: Fields, hasPhone: Bool) {
        self.init(
            lastName: fields.string("lastName", max: 100),
            firstName: fields.optionalString("firstName", max: 100) ?? "", phone: nil,
            email: fields.optionalEmail("email"), language: fields.optionalEnumeration("language") ?? .french,
            clinic: fields.optionalID("clinicID"), client: fields.optionalID("clientID"),
            groups: fields.groupNames("groups"))
        if !hasPhone, email == nil, fields.isValid {
            fields.refuse("phone", reason: "Nobody can be reached like this.", remedy: "Give a phone or an e-mail.")
        }
    }

    /// In the order of the columns.
    fileprivate var cells: [String] {
        ContactFile.Column.allCases.map { column in
            switch column {
            case .lastName: lastName
            case .firstName: firstName
            case .phone: phone?.e164 ?? ""
            case .email: email?.text ?? ""
            case .language: language.rawValue
            case .clinic: clinic?.description ?? ""
            case .groups: groupsText
            }
        }
    }
}

extension ContactFilter {
    fileprivate init(_ fields: Fields, seenBy access: ClinicAccess) {
        self.init(
            clinics: access.list,
            group: fields.optionalText("group", max: GroupName.lengthMax, remedy: "Give a group's name.") {
                GroupName($0)
            }, text: fields.optionalString("search", max: 100))
    }
}

extension WrittenNumbers {
    /// The number a request gives; what is none is refused with its place.
    func phone(_ text: String, at pointer: String) throws(Problem) -> Phone {
        guard let phone = read(text) else {
            throw .field(
                pointer, reason: "It is not a phone number.",
                remedy: "Write it such as 06 12 34 56 78 or +33612345678.")
        }
        return phone
    }
}

extension Request {
    /// The contacts the caller may touch.
    var contactAccess: ContactAccess { get throws { ContactAccess(clinics: try principal.clinics.list) } }
}

extension Principal {
    /// Refuses what belongs to a clinic the caller does not act for; what belongs to none is for those who act for all.
    func requireAny(_ clinic: ClinicID?) throws(Problem) {
        guard let clinic else {
            guard clinics == .all else {
                throw .field(
                    "/clinicID", reason: "It is missing, and the caller acts for some clinics only.",
                    remedy: "Give one of them.")
            }
            return
        }
        try require(clinic)
    }
}
