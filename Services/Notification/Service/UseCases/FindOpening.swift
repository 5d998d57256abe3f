import NotificationDomain
import PaymentModel
import PostgresClient

/// Says from when on a campaign may leave, where that is later than it is planned for, or than now (NOT-9).
struct FindOpening {
    let clinics = ClinicStore()

    /// On the wall of the campaign's clinic, or of its organisation.
    struct Opening: Sendable {
        let day: LocalDate
        let time: LocalTime
        let timeZone: String
    }

    /// Nil where it may leave as planned; `usual` are the organisation's hours.
    func run(
        _ record: CampaignRecord, _ usual: MarketingHours, _ transaction: inout PostgresTransaction
    ) throws -> Opening? {
        let place =
            try clinics.whereabouts(of: record.draft.clinic, of: record.organisation, &transaction)
            ?? Whereabouts(timeZone: usual.region.timeZone, region: usual.region)
        var start = try clinics.wall(in: place.timeZone, &transaction)
        if let planned = record.draft.planned, (planned.day, planned.time) > start {
            start = (planned.day, planned.time)
        }
        let first = usual.observing(place.region).firstChance(from: start.day, start.time)
        return first == start ? nil : Opening(day: first.day, time: first.time, timeZone: place.timeZone)
    }
}
