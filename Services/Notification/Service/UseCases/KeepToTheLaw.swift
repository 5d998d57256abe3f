import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Lets marketing leave only to those who agreed, and only when it may; it is held, never dropped unseen (NOT-9, C-12).
struct KeepToTheLaw {
    /// The day that is taken for today when marketing is held to the hours, in a rehearsal; nil: today.
    let rehearsal: LocalDate?
    static let noConsent = "the recipient has not agreed to marketing"
    static let withdrawn = "the recipient wants no marketing any more"
    let messages = MessageStore()
    let consents = ConsentStore()
    let policies = PolicyStore()
    let clinics = ClinicStore()

    /// What may leave now.
    struct Leave: Sendable {
        /// How long it may be on its way; nil where the law says nothing about that.
        var seconds: Int64?
    }

    /// Nil when the message may not leave now: it was called off or waits for the next working day.
    func run(_ record: MessageRecord, in change: inout Change) throws -> Leave? {
        guard record.purpose == .marketing else { return try wakeNobody(record, in: &change) ? Leave() : nil }
        let organisation = record.organisation
        let decision = try consents.decision(
            of: record.address ?? "", by: record.channel, in: organisation, &change.transaction)
        guard decision == .given else {
            try change.callOff(record, asFailed: decision == nil ? Self.noConsent : Self.withdrawn)
            return nil
        }
        let usual = try policies.find(organisation, in: &change.transaction).hours
        let place = try whereabouts(of: record, usual.region, in: &change)
        let hours = usual.observing(place.region)
        let wall = try clinics.wall(in: place.timeZone, &change.transaction)
        let day = rehearsal ?? wall.day
        let isOpen = hours.areOpen(on: day, at: wall.time)
        // What a gateway takes at closing time does not reach a phone that is switched on at night.
        let minutes = isOpen ? hours.minutesLeft(at: wall.time) : 0
        guard minutes <= 0 else { return Leave(seconds: Int64(minutes) * 60) }
        let opening = hours.firstChance(from: day, wall.time)
        try messages.hold(record.message.id, until: opening.day, opening.time, in: place.timeZone, &change)
        return nil
    }

    /// The law lets a debt be asked for at any hour; it is found at midnight, which is none to ask at (INV-14).
    ///
    /// False when it waits for the morning.
    func wakeNobody(_ record: MessageRecord, in change: inout Change) throws -> Bool {
        guard record.occasion == .overdue else { return true }
        let hours = try policies.find(record.organisation, in: &change.transaction).hours
        let zone = try whereabouts(of: record, hours.region, in: &change).timeZone
        let wall = try clinics.wall(in: zone, &change.transaction)
        guard let morning = hours.nextMorning(after: wall.day, wall.time) else { return true }
        try messages.hold(record.message.id, until: morning.day, morning.time, in: zone, &change)
        return false
    }

    /// At its clinic; of a message without one at its contact's, or where its number shows.
    private func whereabouts(
        of record: MessageRecord, _ region: HolidayRegion, in change: inout Change
    ) throws -> Whereabouts {
        try clinics.whereabouts(
            of: record.clinic, orOf: record.contact, of: record.organisation, &change.transaction)
            ?? Whereabouts(of: record.address ?? "", orOf: region)
    }
}
