import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Campaigns: written, looked at before anything leaves, started, steered (NOT-6).
struct CampaignRoutes {
    let database: Database
    let keep: KeepCampaign
    let count: CountRecipients
    let steer: SteerCampaign
    /// The sender of organisations that chose none.
    let sender: String
    let campaigns = CampaignStore()
    let messages = CampaignMessageStore()
    let recipients = CampaignRecipientStore()
    let policies = PolicyStore()
    let quotas = QuotaStore()
    let findOpening = FindOpening()
    /// Counting may go over a hundred thousand people.
    private static let countingMax = Duration.seconds(120)

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk], scope: "campaigns:read")
        let writing = Access.roles([.manager], scope: "campaigns:write")
        let one = "/v1/campaigns/{campaignID}"
        return [
            Route(
                .post, "/v1/campaigns", operation: "createCampaign", access: writing, idempotency: .required, create),
            Route(.get, "/v1/campaigns", operation: "listCampaigns", access: reading, list),
            Route(.get, one, operation: "getCampaign", access: reading, get),
            Route(.put, one, operation: "putCampaign", access: writing, put),
            Route(.delete, one, operation: "discardCampaign", access: writing, discard),
            Route(
                .post, "\(one)/preview", operation: "previewCampaign", access: reading, timeMax: Self.countingMax,
                preview),
            Route(
                .post, "\(one)/start", operation: "startCampaign", access: writing, timeMax: Self.countingMax, start),
            Route(.post, "\(one)/pause", operation: "pauseCampaign", access: writing) { request in
                try await steer(request, .pause)
            },
            Route(.post, "\(one)/resume", operation: "resumeCampaign", access: writing) { request in
                try await steer(request, .resume)
            },
            Route(.post, "\(one)/stop", operation: "stopCampaign", access: writing) { request in
                try await steer(request, .stop)
            },
        ] + CampaignResultRoutes(database: database).routes
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let draft = try await draft(request)
        let applied = try await keep.create(draft, because: request.cause())
        return try await answer(.created, applied.answer, request)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let id = try await visible(request).campaign.id
        let draft = try await draft(request)
        let applied = try await keep.change(
            id, to: draft, seen: request.versionToMatch(), because: request.cause())
        return try await answer(.ok, applied.answer, request)
    }

    @Sendable private func discard(_ request: Request) async throws -> Response {
        let id = try await visible(request).campaign.id
        try await keep.discard(id, seen: request.versionToMatch(), because: request.cause())
        return .empty()
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: CampaignID.self) }
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try campaigns.list(
                of: principal.organisation, clinics: principal.clinics.list, before: page.before, rows: page.rows,
                &transaction)
        }
        return try .json(.ok, Page(found.map { CampaignAnswer($0) }, of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        try await answer(.ok, CampaignKept(try await visible(request)), request)
    }

    @Sendable private func preview(_ request: Request) async throws -> Response {
        let record = try await visible(request)
        let organisation = record.organisation
        let (policy, quota, empty, opening) = try await database.read(organisation: organisation) { transaction in
            let policy = try policies.find(organisation, in: &transaction)
            return (
                policy, try quotas.find(organisation, in: &transaction),
                try recipients.emptyGroups(of: record, &transaction),
                try findOpening.run(record, policy.hours, &transaction)
            )
        }
        let tally = try await count.run(record, policy)
        let text = try record.draft.text(mention: count.mention, policy)
        let otherTexts = try record.draft.otherTexts(mention: count.mention, policy)
        return try .json(
            .ok,
            try CampaignPreviewAnswer(
                tally, text, otherTexts, policy, quota, emptyGroups: empty, opening,
                isStarted: record.campaign.state != .draft))
    }

    @Sendable private func start(_ request: Request) async throws -> Response {
        let record = try await visible(request)
        let seen = try request.versionToMatch()
        let policy = try await policy(of: record.organisation)
        let cause = try request.cause()
        if let earlier = try await database.answer(to: cause, as: CampaignKept.self) {
            return try await answer(.ok, earlier, request)
        }
        let tally = try await count.run(record, policy)
        let applied = try await steer.start(record.campaign.id, for: tally, seen: seen, because: cause)
        return try await answer(.ok, applied.answer, request)
    }

    private func steer(_ request: Request, _ wish: SteerCampaign.Wish) async throws -> Response {
        let id = try await visible(request).campaign.id
        let applied = try await steer.run(wish, id, seen: request.versionToMatch(), because: request.cause())
        return try await answer(.ok, applied.answer, request)
    }
}

// MARK: What requests say, and what they are told

extension CampaignRoutes {
    private func draft(_ request: Request) async throws -> CampaignDraft {
        let policy = try await policy(of: try request.organisation)
        let draft = try request.read { fields in
            CampaignDraft(fields, policy.sender?.text ?? sender)
        }
        try request.principal.requireAny(draft.clinic)
        try requireShort(try draft.text(mention: count.mention, policy), of: nil)
        let otherTexts = try draft.otherTexts(mention: count.mention, policy)
        for language in Language.allCases {
            if let text = otherTexts[language] { try requireShort(text, of: language) }
        }
        return draft
    }

    private func requireShort(_ text: CampaignText, of language: Language?) throws {
        guard SMSParts(of: text.write(firstName: "", lastName: "")).count <= SMSParts.most else {
            throw Problem.field(
                "/\(CampaignDraft.place(of: language))", reason: "It makes more than \(SMSParts.most) parts.",
                remedy: "Shorten it.")
        }
    }

    private func policy(of organisation: OrganisationID) async throws -> SendingPolicy {
        try await database.read(organisation: organisation) { transaction in
            try policies.find(organisation, in: &transaction)
        }
    }

    /// As it is now, at the version that was made.
    private func answer(_ status: Status, _ kept: CampaignKept, _ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let answer = try await database.read(organisation: organisation) { transaction -> CampaignAnswer in
            guard let record = try campaigns.find(kept.id, of: organisation, &transaction) else {
                throw NotFound.campaign
            }
            let progress = CampaignProgress(
                try messages.counts(of: kept.id, &transaction),
                leftOut: try recipients.leftOut(of: kept.id, &transaction))
            return CampaignAnswer(record, progress: progress)
        }
        return try .json(status, answer).tagged(answer.version)
    }

    private func visible(_ request: Request) async throws -> CampaignRecord {
        try await CampaignResultRoutes(database: database).visible(request)
    }
}

extension CampaignDraft {
    /// The longest list of contacts or numbers.
    private static let listMax = 5_000

    fileprivate init(_ fields: Fields, _ standardSender: String) {
        let sender = fields.optionalText(
            "sender", max: 11, remedy: "Give 3 to 11 letters, digits or spaces, at least one of them a letter.",
            SenderName.init)
        let groups = fields.groupNames("groups")
        let contacts: [ContactID] = fields.optionalIDs("contactIDs", Self.listMax) ?? []
        let phones = fields.optionalStrings("phones", count: 0...Self.listMax, max: 40) ?? []
        if groups.isEmpty, contacts.isEmpty, phones.isEmpty, fields.isValid {
            fields.refuse(
                "groups", reason: "It is for nobody.", remedy: "Give groups, contacts of the directory or numbers.")
        }
        self.init(
            name: fields.string("name", max: 100), clinic: fields.optionalID("clinicID"), sender: sender,
            identity: fields.optionalString("identity", max: 40) ?? sender?.text ?? standardSender,
            body: fields.string("body", max: TemplateRoutes.textMax, .lines),
            otherLanguages: Self.otherLanguages(fields), groups: groups, contacts: contacts, phones: phones,
            planned: PlannedTime(fields))
    }

    private static func otherLanguages(_ fields: Fields) -> [Language: String] {
        guard let texts = fields.optionalObject("otherLanguages") else { return [:] }
        return Language.allCases.reduce(into: [:]) { given, language in
            given[language] = texts.optionalString(language.rawValue, max: TemplateRoutes.textMax, .lines)
        }
    }
}

extension CampaignDraft.PlannedTime {
    fileprivate init?(_ fields: Fields) {
        let day = fields.optionalLocalDate("day")
        let time = fields.optionalText("time", max: 5, remedy: "Give a time such as 10:00.") { LocalTime($0) }
        if day == nil, time != nil {
            fields.refuse("day", reason: "It is missing.", remedy: "Give a day with the time, or neither for at once.")
        }
        guard let day else { return nil }
        self.init(day: day, time: time ?? .morning)
    }
}

extension Fields {
    /// Names of groups that may be left out.
    func groupNames(_ name: String) -> [GroupName] {
        let texts = optionalStrings(name, count: 0...ContactDetails.groupsMax, max: GroupName.lengthMax) ?? []
        let names = texts.compactMap(GroupName.init)
        if names.count < texts.count { refuseBar(in: name) }
        return names
    }

    /// The name of a group, held to the same; nil: it was refused.
    func groupName(_ name: String) -> GroupName? {
        let group = GroupName(string(name, max: GroupName.lengthMax))
        if group == nil, isValid { refuseBar(in: name) }
        return group
    }

    private func refuseBar(in name: String) {
        refuse(name, reason: "The name of a group has a | in it.", remedy: "Write it without.")
    }

    /// Ids that may be left out; nil: they were.
    func optionalIDs<ID: Identifier>(_ name: String, _ countMax: Int) -> [ID]? {
        guard let texts = optionalStrings(name, count: 0...countMax, max: 36) else { return nil }
        let ids = texts.compactMap { ID($0) }
        if ids.count < texts.count { refuse(name, reason: "One of them is no id.", remedy: "Give UUIDs.") }
        return ids
    }
}
