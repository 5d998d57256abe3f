import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes in files of providers and banks while they arrive; a file with anything wrong in it brings nothing.
struct ImportRoutes {
    let settlements: ImportSettlement
    let statements: ImportStatement
    /// Each file has a connection of its own.
    let places: FilePlaces
    let mappings = CSVMappingStore()
    let imports = FileImportStore()
    /// Bytes of one file: as many as a million movements with long texts have.
    static let fileBytesMax = 2 << 30

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant, .service], scope: "reconciliation:write")
        return [
            Route(
                .post, "/v1/settlement-reports", operation: "importSettlementReport", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, readsUpload: true, timeMax: .seconds(3_600),
                importReport),
            Route(
                .post, "/v1/bank-statements", operation: "importBankStatement", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, readsUpload: true, timeMax: .seconds(3_600),
                importStatement),
            Route(
                .get, "/v1/file-imports", operation: "listFileImports",
                access: .roles([.manager, .accountant, .service], scope: "reconciliation:read"), list),
        ]
    }

    @Sendable private func importReport(_ request: Request) async throws -> Response {
        let (provider, payout) = try request.readQuery { fields in
            let provider: Provider = fields.enumeration("provider")
            return (provider, NamedPayout(fields, of: provider))
        }
        let file = try Self.file(of: request, .forGood)
        let answer = try await places.hold {
            try await settlements.run(file, of: provider, about: payout) { try request.cause() }
        }
        return try request.json(.created, answer)
    }

    @Sendable private func importStatement(_ request: Request) async throws -> Response {
        let (format, mappingName, isDryRun, badRows) = try request.readQuery { fields in
            (
                fields.optionalEnumeration("format", as: StatementFormat.self),
                fields.optionalString("mapping", max: 60), fields.boolean("dryRun", default: false),
                BadRows(fields)
            )
        }
        let mapping = try await mapping(mappingName, of: try request.organisation)
        let reading = StageStatement.Reading(format: format, mapping: mapping, badRows: badRows)
        let file = try Self.file(of: request, isDryRun ? .dryRun : .forGood)
        let answer = try await places.hold {
            try await statements.run(file, reading) { try request.cause() }
        }
        return try request.json(isDryRun ? .ok : .created, answer)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let key = try request.readQuery { fields in fields.optionalString("key", max: 255) }
        let (organisation, sender) = (try request.organisation, try request.principal.subject)
        let found = try await statements.database.read(organisation: organisation) { transaction in
            try imports.list(of: organisation, key: key, of: sender, &transaction)
        }
        return try request.json(.ok, Page(items: found, next: nil))
    }

    private static func file(of request: Request, _ intent: ImportIntent) throws -> IncomingFile {
        guard let upload = request.upload else { preconditionFailure("\(request.route) reads no upload") }
        return IncomingFile(
            content: .upload(upload), organisation: try request.organisation, sender: try request.principal.subject,
            key: request.headers["Idempotency-Key"],
            bytesInAll: request.headers["Content-Length"].flatMap { Int64($0) }, intent: intent)
    }

    private func mapping(_ name: String?, of organisation: OrganisationID) async throws -> CSVMapping? {
        guard let name else { return nil }
        let found = try await statements.database.read(organisation: organisation) { transaction in
            try mappings.find(name, of: organisation, &transaction)
        }
        guard let found else { throw NotFound.csvMapping(name) }
        return found
    }
}

extension NamedPayout {
    /// Nil where the file says itself which payouts it is of.
    fileprivate init?(_ fields: Fields, of provider: Provider) {
        let day = fields.optionalLocalDate("paidOn")
        guard let reference = fields.optionalString("payout") else {
            if day != nil {
                fields.refuse(
                    "paidOn", reason: "It is the day of a payout, and none is named.",
                    remedy: "Name the payout too, or leave the day out.")
            }
            return nil
        }
        if provider != .alma {
            fields.refuse(
                "payout", reason: "Only a report of Alma's is of one payout.",
                remedy: "Leave it out; the report names its payouts.")
        }
        self.init(reference: reference, paidOn: day)
    }
}

extension BadRows {
    /// Without a mapping there is no CSV, and the other formats have balances that every movement is part of, as every
    /// line of a provider's report is part of its payout.
    fileprivate init(_ fields: Fields) {
        let isAsked = fields.boolean("takeGoodRows", default: false)
        if isAsked, !fields.has("mapping") {
            fields.refuse(
                "takeGoodRows",
                reason: "Only CSV files may be taken in part: what other formats say as a whole would not be true.",
                remedy: "Name a mapping, or have the bank send the file again.")
        }
        self = isAsked ? .passOver : .refuseFile
    }
}
