import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Any grid and period as a file (REC-7).
struct ExportRoutes {
    let database: Database
    let exports: FilePlaces
    let grids: GridStore

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        return [
            Route(.get, "/v1/exports/schema", operation: "getGridSchema", access: access, schema),
            Route(.get, "/v1/exports/grids/{grid}", operation: "exportGrid", access: access, export),
        ]
    }

    @Sendable private func schema(_ request: Request) async throws -> Response {
        .bytes(.ok, Array(GridSchema.text.utf8), contentType: "application/xml", filename: "grid.xsd")
    }

    @Sendable private func export(_ request: Request) async throws -> Response {
        let name = try request.pathText("grid")
        guard let grid = Grid(rawValue: name) else {
            throw Problem(
                .notFound, detail: "There is no grid \"\(name.prefix(40))\".",
                remedy: "Give one of: \(Grid.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let (period, selection, kind) = try request.readQuery { fields in
            let period = GridStore.Period(fields)
            return (period, GridSelection(grid, of: period, fields), ExportKind(fields))
        }
        let place = try exports.take()
        let language = try await kind.language(of: request.organisation, in: database)
        let rows = try await grids.cursor(selection, of: request.organisation, in: database)
        let file = GridFile(grid, kind, in: language)
        return .chunks(
            place.chunks(of: file.parts(of: rows)), contentType: kind.format.contentType,
            filename: file.filename(from: period.from, to: period.to))
    }
}

/// How a file is asked for.
struct ExportKind {
    let format: ExportFormat
    let separator: DecimalSeparator
    /// Of the columns' names; nil for the organisation's own.
    let asked: Language?

    init(_ fields: Fields) {
        format = fields.optionalEnumeration("format") ?? .csv
        separator = fields.optionalEnumeration("decimalSeparator") ?? .comma
        asked = fields.optionalEnumeration("language")
    }

    /// The language that was asked for, or the organisation's.
    func language(of organisation: OrganisationID, in database: Database) async throws -> Language {
        if let asked { return asked }
        return try await database.read(organisation: organisation) { transaction in
            try ChartStore().chart(of: organisation, &transaction).language
        }
    }
}

extension GridFile {
    init(_ grid: Grid, _ kind: ExportKind, in language: Language) {
        self.init(
            name: grid.rawValue, columns: grid.columns, headers: GridHeader.texts(grid.columns, in: language),
            language: language, format: kind.format, separator: kind.separator)
    }

    func filename(from: LocalDate, to: LocalDate) -> String { "\(name)-\(from)-\(to).\(format.rawValue)" }
}
