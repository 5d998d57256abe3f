import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Any grid and period as a file (REC-7).
struct ExportRoutes {
    let database: Database
    let exports: ExportPlaces
    let grids = GridStore()

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
        guard let grid = Grid(rawValue: try request.pathText("grid")) else { throw Problem.notFound("grid") }
        let (period, kind) = try request.readQuery { fields in
            let period = fields.period()
            return (GridStore.Period(from: period.from, to: period.to), ExportKind(fields))
        }
        let place = try exports.take()
        let rows = try await grids.cursor(grid, of: request.organisation, period, in: database)
        return .file(grid, kind, rows, from: period.from, to: period.to, place)
    }
}

/// How a file is asked for.
struct ExportKind {
    let format: ExportFormat
    let separator: DecimalSeparator

    init(_ fields: Fields) {
        format = fields.optionalEnumeration("format") ?? .csv
        separator = fields.optionalEnumeration("decimalSeparator") ?? .comma
    }
}

extension Response {
    /// A grid as a file, for as long as which the place is taken.
    static func file(
        _ grid: Grid, _ kind: ExportKind, _ rows: RowCursor<[Cell]>, from: LocalDate, to: LocalDate,
        _ place: ExportPlaces.Place
    ) -> Response {
        let file = GridFile(
            name: grid.rawValue, columns: grid.columns, format: kind.format, separator: kind.separator)
        return .chunks(
            place.chunks(of: file.parts(of: rows)), contentType: kind.format.contentType,
            filename: "\(grid.rawValue)-\(from)-\(to).\(kind.format.rawValue)")
    }
}
