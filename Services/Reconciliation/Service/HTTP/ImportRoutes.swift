import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes in files of providers and banks; a file with anything wrong in it brings nothing.
struct ImportRoutes {
    let settlements: ImportSettlement
    let statements: ImportStatement
    let reading: BlockingWork
    let mappings = CSVMappingStore()
    /// Bytes of one file.
    static let fileBytesMax = 50 << 20

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant, .service], scope: "reconciliation:write")
        return [
            Route(
                .post, "/v1/settlement-reports", operation: "importSettlementReport", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, timeMax: .seconds(300), importReport),
            Route(
                .post, "/v1/bank-statements", operation: "importBankStatement", access: access,
                idempotency: .required, bodyBytesMax: Self.fileBytesMax, timeMax: .seconds(300), importStatement),
        ]
    }

    @Sendable private func importReport(_ request: Request) async throws -> Response {
        let provider: Provider = try request.readQuery { fields in
            fields.enumeration("provider")
        }
        let text = try request.text()
        let report = try await reading.run { try SettlementReport.read(text, of: provider) }
        return try .json(
            .created, try await settlements.run(report, of: provider, because: request.cause()).answer)
    }

    @Sendable private func importStatement(_ request: Request) async throws -> Response {
        let (named, mappingName, isDryRun, badRows) = try request.readQuery { fields in
            (
                fields.optionalEnumeration("format", as: StatementFormat.self),
                fields.optionalString("mapping", max: 60), fields.boolean("dryRun", default: false),
                BadRows(fields)
            )
        }
        let organisation = try request.organisation
        let mapping = try await mapping(mappingName, of: organisation)
        let file = request.body
        let format =
            try named ?? (mapping == nil ? StatementFormat.detected(in: file) : StatementFormat.csv) ?? Self.unknown()
        let read = try await reading.run { try format.read(file, as: mapping, badRows) }
        let answer = try await statements.run(read, isDryRun ? .dryRun : .forGood, because: request.cause())
        return try .json(isDryRun ? .ok : .created, answer)
    }

    private func mapping(_ name: String?, of organisation: OrganisationID) async throws -> CSVMapping? {
        guard let name else { return nil }
        let found = try await statements.database.read(organisation: organisation) { transaction in
            try mappings.find(name, of: organisation, &transaction)
        }
        guard let found else { throw NotFound.csvMapping(name) }
        return found
    }

    private static func unknown() throws -> StatementFormat {
        throw FileProblem(
            line: 1, reason: "It looks like no format of statements that is known.",
            remedy: "Name its format, or a mapping when it is CSV.")
    }
}

extension BadRows {
    /// Without a mapping there is no CSV, and the other formats have balances that every movement is part of.
    fileprivate init(_ fields: Fields) {
        let isAsked = fields.boolean("takeGoodRows", default: false)
        if isAsked, !fields.has("mapping") {
            fields.refuse(
                "takeGoodRows", reason: "Only CSV files may be taken in part.",
                remedy: "Name a mapping, or have the bank send the file again.")
        }
        self = isAsked ? .passOver : .refuseFile
    }
}
