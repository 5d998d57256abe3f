import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What became of everybody a campaign named (NOT-6).
struct CampaignResultRoutes {
    let database: Database
    let campaigns = CampaignStore()
    let recipients = CampaignRecipientStore()
    /// Rows of a file that are read at once.
    private static let pageRows = 1_000

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk], scope: "campaigns:read")
        let one = "/v1/campaigns/{campaignID}"
        return [
            Route(.get, "\(one)/recipients", operation: "listCampaignRecipients", access: reading, list),
            Route(.get, "\(one)/export", operation: "exportCampaignRecipients", access: reading, export),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in
            fields.page(limitMax: 1_000) { $0.count == 1 ? Int($0[0]) : nil }
        }
        let record = try await visible(request)
        let found = try await database.read(organisation: record.organisation) { transaction in
            try recipients.list(of: record.campaign.id, after: page.last ?? 0, rows: page.rows, &transaction)
        }
        let answers = found.map { CampaignRecipientAnswer($0, for: request.reader) }
        return try request.json(.ok, Page(answers, of: page) { Cursor(["\($0.position)"]) })
    }

    @Sendable private func export(_ request: Request) async throws -> Response {
        let record = try await visible(request)
        let (database, recipients, reader) = (database, recipients, request.reader)
        let (id, organisation) = (record.campaign.id, record.organisation)
        let file = PagedFile<CampaignRecipient>(
            head: CSVLine.mark + CSVLine.write(CampaignRecipient.columns),
            fetch: { last in
                try await database.read(organisation: organisation) { transaction in
                    try recipients.list(of: id, after: last?.position ?? 0, rows: Self.pageRows, &transaction)
                }
            }, line: { CSVLine.write($0.cells(for: reader)) })
        return file.response(filename: "campaign-\(id).csv").told(in: reader.language)
    }

    /// A campaign of the caller's clinics; any other does not exist for it.
    func visible(_ request: Request) async throws -> CampaignRecord {
        let id: CampaignID = try request.path("campaignID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try campaigns.find(id, of: principal.organisation, &transaction)
        }
        guard let found, principal.clinics.includes(found.draft.clinic) else { throw NotFound.campaign }
        return found
    }
}
