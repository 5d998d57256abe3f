import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// The words of messages, and what they cost before they are sent (NOT-2, NOT-6, NOT-7).
struct TemplateRoutes {
    let database: Database
    let templates = TemplateStore()
    let policies = PolicyStore()
    /// The longest text a person may write.
    static let textMax = 4_000

    private var change: ChangeTemplate { ChangeTemplate(database: database) }

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk], scope: "templates:read")
        let writing = Access.roles([.manager], scope: "templates:write")
        let one = "/v1/templates/{occasion}/{channel}/{language}"
        return [
            Route(.get, "/v1/templates", operation: "listTemplates", access: reading, list),
            Route(.get, one, operation: "getTemplate", access: reading, get),
            Route(.put, one, operation: "putTemplate", access: writing, put).forAllClinics,
            Route(.delete, one, operation: "resetTemplate", access: writing, reset).forAllClinics,
            Route(.post, "\(one)/preview", operation: "previewTemplate", access: reading, preview),
            Route(.post, "/v1/sms/check", operation: "checkSMS", access: reading, check),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let own = try await database.read(organisation: organisation) { transaction in
            try templates.all(of: organisation, in: &transaction)
        }
        let changed = Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0) })
        let names = StandardTemplates.all.keys.sorted { $0.path < $1.path }
        let items = names.map { TemplateAnswer(changed[$0] ?? TemplateRecord(name: $0, version: 0, text: nil)) }
        return try .json(.ok, ["items": items])
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let record = try await current(try request.templateName(), of: try request.organisation)
        return try .json(.ok, TemplateAnswer(record)).tagged(record.version)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let name = try request.templateName()
        let text = try request.read { fields in TemplateText(fields, for: name) }
        let template = try ParsedTemplate(text, as: name)
        let policy = try await policy(of: try request.organisation)
        let sample = MessageWriter(transliterates: policy.transliterates).write(template, .sample(for: name))
        guard name.channel == .email || SMSParts(of: sample.body).count <= SMSParts.most else {
            throw Problem.field(
                "/body", reason: "It makes more than \(SMSParts.most) parts.", remedy: "Shorten it.")
        }
        return try await change(name, to: text, request)
    }

    @Sendable private func reset(_ request: Request) async throws -> Response {
        try await change(try request.templateName(), to: nil, request)
    }

    private func change(_ name: TemplateName, to text: TemplateText?, _ request: Request) async throws -> Response {
        let seen = try request.versionToMatch()
        let applied = try await change.run(name, to: text, seen: seen, because: try request.cause())
        return try .json(.ok, applied.answer).tagged(seen + 1)
    }

    /// Shows the words given, or without any the current ones, filled in for somebody made up.
    @Sendable private func preview(_ request: Request) async throws -> Response {
        let name = try request.templateName()
        let draft = try request.read { fields -> TemplateText? in
            guard let body = fields.optionalString("body", max: Self.textMax, .lines) else { return nil }
            return TemplateText(subject: fields.optionalString("subject") ?? "", body: body)
        }
        let organisation = try request.organisation
        let current = try await current(name, of: organisation).text ?? StandardTemplates.text(name)
        let policy = try await policy(of: organisation)
        guard let text = draft ?? current else { throw NotFound.template }
        let writer = MessageWriter(transliterates: policy.transliterates)
        let written = writer.write(try ParsedTemplate(text, as: name), .sample(for: name))
        return try .json(
            .ok,
            PreviewAnswer(
                subject: written.subject.isEmpty ? nil : written.subject, body: written.body,
                sms: name.channel == .sms ? SMSCheckAnswer(written.body, by: policy) : nil))
    }

    @Sendable private func check(_ request: Request) async throws -> Response {
        let text = try request.read { fields in fields.string("text", max: Self.textMax, .lines) }
        let policy = try await policy(of: try request.organisation)
        return try .json(.ok, SMSCheckAnswer(text, by: policy))
    }

    private func current(_ name: TemplateName, of organisation: OrganisationID) async throws -> TemplateRecord {
        try await database.read(organisation: organisation) { transaction in
            try templates.find(name, of: organisation, in: &transaction)
        }
    }

    private func policy(of organisation: OrganisationID) async throws -> SendingPolicy {
        try await database.read(organisation: organisation) { transaction in
            try policies.find(organisation, in: &transaction)
        }
    }
}

extension TemplateText {
    /// What a request gives: a mail has a subject and an SMS has none.
    init(_ fields: Fields, for name: TemplateName) {
        self.init(
            subject: name.channel == .email ? fields.string("subject") : "",
            body: fields.string("body", max: TemplateRoutes.textMax, .lines))
    }
}

extension TemplateName {
    /// Its place in lists.
    fileprivate var path: String { "\(occasion.rawValue)/\(channel.rawValue)/\(language.rawValue)" }
}

extension Request {
    /// The template the path names; what is never sent does not exist.
    fileprivate func templateName() throws -> TemplateName {
        let name = TemplateName(
            occasion: try templatePart("occasion"), channel: try templatePart("channel"),
            language: try templatePart("language"))
        guard StandardTemplates.text(name) != nil else { throw NotFound.template }
        return name
    }

    private func templatePart<Part: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws -> Part where Part.RawValue == String {
        let told = try pathText(name)
        guard let part = Part(rawValue: told) else {
            throw Problem(
                .notFound, detail: "There is no template for \"\(told.prefix(40))\".",
                remedy: "Give one of: \(Part.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return part
    }
}
