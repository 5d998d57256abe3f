import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Files of practice-management software: how they are read, how far they are, and which rows were refused.
struct ImportFileRoutes {
    let database: Database
    let start: StartImport
    let keep: KeepImportMapping
    let fileBytesMax: Int
    let files = ImportFileStore()
    let rows = ImportRowStore()
    let mappings = ImportMappingStore()

    var routes: [Route] {
        let people = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:write")
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let managing = Access.roles([.manager, .accountant], scope: "invoices:write")
        let mapping = "/v1/import-mappings/{name}"
        return [
            Route(
                .post, "/v1/imports", operation: "startImport", access: people, idempotency: .required,
                bodyBytesMax: fileBytesMax, timeMax: .seconds(120), startImport),
            Route(.get, "/v1/imports", operation: "listImports", access: reading, list),
            Route(.get, "/v1/imports/{importID}", operation: "getImport", access: reading, get),
            Route(
                .get, "/v1/imports/{importID}/refused-rows", operation: "getRefusedRows",
                // They hold whatever the file told of people.
                access: .roles([.manager, .frontDesk, .accountant], scope: "clients:read"),
                timeMax: .seconds(120), refusedRows),
            Route(.get, "/v1/import-mappings", operation: "listImportMappings", access: reading, listMappings),
            Route(.get, mapping, operation: "getImportMapping", access: reading, getMapping),
            Route(.put, mapping, operation: "putImportMapping", access: managing, putMapping),
            Route(.delete, mapping, operation: "deleteImportMapping", access: managing, removeMapping),
        ]
    }

    @Sendable private func startImport(_ request: Request) async throws -> Response {
        let wish = try request.readQuery { fields in
            StartImport.Wish(
                kind: fields.enumeration("kind"),
                mode: fields.optionalEnumeration("mode") ?? .dryRun,
                mapping: fields.optionalString("mapping", max: 60))
        }
        try request.principal.requireRight(to: wish.kind)
        let applied = try await start.run(
            request.body, wish, for: request.principal.clinics, because: request.cause())
        return try request.json(.accepted, applied.answer)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: ImportID.self) }
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try files.list(
                of: principal.organisation, by: principal.ownImportsOnly, before: page.before, rows: page.rows,
                &transaction)
        }
        return try request.json(.ok, Page(found, of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        try request.json(.ok, try await find(request))
    }

    /// Whoever acts for some clinics only sees the files they sent themselves.
    private func find(_ request: Request) async throws -> ImportAnswer {
        let id: ImportID = try request.path("importID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try files.find(id, of: principal.organisation, in: &transaction)
        }
        guard let found, principal.ownImportsOnly.map({ $0 == found.startedBy }) ?? true else {
            throw NotFound.importFile(id)
        }
        return found
    }

    @Sendable private func refusedRows(_ request: Request) async throws -> Response {
        let found = try await find(request)
        let asked: Language? = try request.readQuery { fields in fields.optionalEnumeration("language") }
        let language = asked ?? (request.headers["Accept-Language"] == nil ? .french : request.reader.language)
        let organisation = try request.organisation
        let header = try await database.read(organisation: organisation) { transaction in
            try rows.header(of: found.id, in: &transaction)
        }
        let source = RefusedRows(database: database, organisation: organisation, file: found.id)
        return .chunks(
            source.chunks(RefusedRowSheet(header: header, for: request.reader.reading(language))),
            contentType: "text/csv; charset=utf-8", filename: "refused-\(found.kind.rawValue).csv")
    }

    @Sendable private func listMappings(_ request: Request) async throws -> Response {
        let (after, limit) = try request.readQuery { fields in
            (fields.optionalString("after", max: 60) ?? "", fields.optionalInteger("limit", in: 1...200) ?? 50)
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try mappings.list(of: organisation, after: after, rows: limit + 1, &transaction)
        }
        let next = found.count > limit ? found[limit - 1].name : nil
        return try .json(.ok, MappingPage(items: Array(found.prefix(limit)), next: next))
    }

    @Sendable private func getMapping(_ request: Request) async throws -> Response {
        let name = try request.pathText("name", max: 60)
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try mappings.find(name, of: organisation, in: &transaction)
        }
        guard let found else { throw NotFound.importMapping(name) }
        return try .json(.ok, found).tagged(found.version)
    }

    @Sendable private func putMapping(_ request: Request) async throws -> Response {
        let name = try request.pathText("name", max: 60)
        let (kind, mapping) = try request.read { fields in
            let kind: ImportKind = fields.enumeration("kind")
            return (kind, ColumnMapping(fields, of: kind))
        }
        let applied = try await keep.put(
            name, kind, mapping, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func removeMapping(_ request: Request) async throws -> Response {
        let name = try request.pathText("name", max: 60)
        try await keep.remove(name, seen: request.versionToMatch(), because: request.cause())
        return .empty()
    }
}

/// Mappings in the order of their names.
private struct MappingPage: Encodable {
    let items: [ImportMappingRecord]
    let next: String?
}

extension Principal {
    /// Nobody brings by a file what they may not write one by one.
    fileprivate func requireRight(to kind: ImportKind) throws(Problem) {
        switch kind {
        case .invoices, .openItems: return
        case .clients:
            guard scopes.contains("clients:write") else {
                throw Problem(
                    .notAllowed, detail: "The token lacks the scope clients:write, which files of clients take.",
                    remedy: "Use a token whose claim \"scopes\" has clients:write.")
            }
        case .payments:
            // It was in no till of ours, so nobody counts it.
            guard [.manager, .accountant].contains(role) else {
                throw Problem(
                    .notAllowed, detail: "The role \(role.rawValue) may not bring files of payments.",
                    remedy: "Use a token of the role manager or accountant.")
            }
        }
    }

    /// The subject whose imports this caller may see; nil: everybody's.
    fileprivate var ownImportsOnly: String? { clinics == .all ? nil : subject }
}

extension ColumnMapping {
    /// Only what rows of this kind can say may be mapped, so a slip in a name is told at once.
    fileprivate init(_ fields: Fields, of kind: ImportKind) {
        self.init(
            columns: Self.texts(fields.optionalObject("columns"), of: kind),
            constants: Self.texts(fields.optionalObject("constants"), of: kind),
            decimal: fields.optionalEnumeration("decimal") ?? .comma)
    }

    private static func texts(_ fields: Fields?, of kind: ImportKind) -> [String: String] {
        var texts: [String: String] = [:]
        for field in kind.fields { texts[field.name] = fields?.optionalString(field.name) }
        return texts
    }
}
