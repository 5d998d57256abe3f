import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// How an organisation is paid and by which rules (INV-6, INV-13), and who changed what (GEN-6).
struct RuleRoutes {
    let database: Database
    let keepMethod: KeepMethod
    let keepRules: KeepRules
    let audit: AuditStore
    let methods = MethodStore()
    let rules = RulesStore()

    var routes: [Route] {
        let everybody = Access.roles(Set(Role.allCases), scope: "organisation:read")
        let managers = Access.roles([.manager], scope: "organisation:write")
        return [
            Route(.get, "/v1/payment-methods", operation: "listPaymentMethods", access: everybody, listMethods),
            Route(
                .post, "/v1/payment-methods", operation: "addPaymentMethod", access: managers, idempotency: .required,
                addMethod),
            Route(
                .put, "/v1/payment-methods/{code}", operation: "changePaymentMethod", access: managers, changeMethod),
            Route(.get, "/v1/collecting-rules", operation: "getCollectingRules", access: everybody, getRules),
            Route(.put, "/v1/collecting-rules", operation: "putCollectingRules", access: managers, putRules),
            Route(
                .get, "/v1/audit", operation: "listAudit",
                access: .roles([.manager, .accountant], scope: "invoices:read"), listAudit
            ).forAllClinics,
        ]
    }

    @Sendable private func listMethods(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try methods.all(of: organisation, in: &transaction)
        }
        // There are never more than `PaymentMethod.countMax`: one page.
        return try .json(.ok, Page(items: found.map(MethodAnswer.init), next: nil))
    }

    @Sendable private func addMethod(_ request: Request) async throws -> Response {
        let method = try request.read { fields in
            PaymentMethod(
                fields,
                code: fields.text("code", max: 40, else: "", remedy: "Give small letters, digits and hyphens.") {
                    text in
                    text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") } ? text : nil
                })
        }
        let applied = try await keepMethod.add(method, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func changeMethod(_ request: Request) async throws -> Response {
        let code = try request.pathText("code", max: 40)
        let method = try request.read { fields in PaymentMethod(fields, code: code) }
        let applied = try await keepMethod.change(
            method, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func getRules(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try rules.find(of: organisation, in: &transaction)
        }
        return try .json(.ok, RulesAnswer(found)).tagged(found.version)
    }

    @Sendable private func putRules(_ request: Request) async throws -> Response {
        let rules = try request.read { fields in
            CollectingRules(
                cashCeiling: fields.money("cashCeiling", .notNegative),
                onlineAcceptance: fields.enumeration("onlineAcceptance"),
                severalOnlineDeposits: fields.boolean("severalOnlineDeposits", default: false))
        }
        let applied = try await keepRules.put(rules, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    /// What was changed, about one thing or by one person, newest first; for those who act for all clinics.
    @Sendable private func listAudit(_ request: Request) async throws -> Response {
        let (page, filter) = try request.readQuery { fields in
            (
                fields.page(by: AuditEntryID.self),
                AuditFilter(
                    subject: fields.optionalID("subject"), actor: fields.optionalString("actor", max: 255))
            )
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try audit.list(filter, in: organisation, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }
}

extension PaymentMethod {
    fileprivate init(_ fields: Fields, code: String) {
        self.init(
            code: code, kind: fields.enumeration("kind"), label: fields.string("label", max: 100),
            isOnline: fields.boolean("online", default: false), isActive: fields.boolean("active", default: true),
            journal: fields.string("journal", max: 10), account: fields.account("account"),
            commissionAccount: fields.optionalAccount("commissionAccount"))
    }
}

extension Fields {
    private static let accountRemedy: Sentence = "Give 3 to 12 digits of the chart of accounts, such as 512000."

    fileprivate func account(_ name: String) -> String {
        text(name, max: 12, else: "", remedy: Fields.accountRemedy, Fields.readAccount)
    }

    fileprivate func optionalAccount(_ name: String) -> String? {
        optionalText(name, max: 12, remedy: Fields.accountRemedy, Fields.readAccount)
    }

    private static func readAccount(_ text: String) -> String? {
        text.count >= 3 && text.allSatisfy { $0.isASCII && $0.isNumber } ? text : nil
    }
}
