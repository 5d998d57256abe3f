import HTTPServer
import PaymentModel

/// The callers and routes the tests of the server share.
enum Callers {
    static let organisation = OrganisationID(1)
    static let clinic = ClinicID(11)

    static func principal(
        role: Role = .manager, scopes: Set<Scope> = ["invoices:read", "invoices:write"],
        clinics: ClinicAccess = .all, subject: String = "user-1"
    ) -> Principal {
        Principal(subject: subject, organisation: organisation, clinics: clinics, role: role, scopes: scopes)
    }
}

enum SampleRoutes {
    struct Made: Codable, Equatable, Sendable {
        let id: InvoiceID
        let amount: Money
    }

    static let read: Access = .roles([.manager, .accountant], scope: "invoices:read")
    static let write: Access = .roles([.manager], scope: "invoices:write")

    static let all: [Route] = [
        Route(.get, "/v1/invoices/{invoiceID}", operation: "readInvoice", access: read) { request in
            try .json(.ok, Made(id: try request.path("invoiceID"), amount: .euros(cents: 1)))
        },
        Route(.post, "/v1/invoices", operation: "createInvoice", access: write, idempotency: .required) { request in
            let amount = try request.read { $0.money("amount") }
            return try .json(.created, Made(id: InvoiceID(request.id), amount: amount))
        },
        Route(.get, "/v1/invoices", operation: "listInvoices", access: read) { request in
            let page = try request.readQuery { $0.page { $0.count == 2 ? Int($0[0]) : nil } }
            return try .json(.ok, Page([1, 2, 3], of: page) { Cursor(["\($0)", "x"]) })
        },
        Route(.get, "/v1/invoices/overdue", operation: "listOverdue", access: read) { _ in .text(.ok, "overdue") },
        Route(.put, "/v1/clinics/{clinicID}", operation: "changeClinic", access: write) { request in
            let principal = try request.principal
            try principal.require(try request.path("clinicID"))
            try request.requireMatch(3)
            return .empty().tagged(4)
        },
        Route(.post, "/v1/webhooks/alma", operation: "almaWebhook", access: .signedWebhook, bodyBytesMax: 16) {
            request in
            .text(.ok, "\(request.body.count)")
        },
        Route(.get, "/v1/failing", operation: "fail", access: .open(because: "a test")) { _ in throw Broken() },
        Route(.get, "/v1/overflowing", operation: "overflow", access: .open(because: "a test")) { _ in
            _ = try Money.euros(cents: .max).adding(.euros(cents: 1))
            return .empty()
        },
        Route(.get, "/v1/slow", operation: "slow", access: .open(because: "a test"), timeMax: .milliseconds(20)) { _ in
            try await Task.sleep(for: .seconds(600))
            return .empty()
        },
    ]

    struct Broken: Error, CustomStringConvertible { let description = "the password is hunter2" }
}
