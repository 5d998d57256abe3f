import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The numbers people typed into campaigns, which are personal like those of the directory (GEN-7).
struct CampaignPhones {
    let clinics = ClinicStore()

    /// Nobody writes a campaign, or types numbers into one, until the change ends.
    func lock(in change: inout Change) {
        change.executeLater(
            """
            SELECT id FROM campaign WHERE organisation = \(change.cause.organisation)
                AND (cardinality(phones) > 0 OR closed_at IS NULL AND state <> 'draft')
            ORDER BY id FOR UPDATE
            """)
    }

    /// Takes numbers out of every campaign that is not over; the places of those behind them stay as they are.
    func forget(_ phones: [String], in change: inout Change) throws {
        let (gone, organisation) = (Set(phones), change.cause.organisation)
        guard !gone.isEmpty else { return }
        let typed = try change.query(
            """
            SELECT id, clinic, phones FROM campaign
            WHERE organisation = \(organisation) AND cardinality(phones) > 0 ORDER BY id FOR UPDATE
            """
        ) { row in
            (
                id: try row("id") as CampaignID, clinic: try row("clinic") as ClinicID?,
                phones: try row("phones") as [String]
            )
        }
        for campaign in typed {
            let written = try clinics.numbers(at: campaign.clinic, of: organisation, in: &change.transaction)
            let left = campaign.phones.map { text in
                written.read(text).map { gone.contains($0.e164) } == true ? "" : text
            }
            guard left != campaign.phones else { continue }
            // Who has the draft before them sees that it changed.
            change.executeLater(
                "UPDATE campaign SET phones = \(left), version = version + 1 WHERE id = \(campaign.id)")
        }
    }
}
