import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A place in the recipients of a campaign: first the contacts by their ids, then the numbers beside the directory.
struct CampaignPlace: Sendable {
    var lastContact: ContactID?
    var phonesTaken = 0
    var isEnd = false
}

/// Finds whom a campaign names, batch by batch, and who of them is left out (NOT-6).
///
/// The preview, the start and the writing all ask here, so that they agree.
struct SortRecipients {
    /// Whether it is asked what the campaign would be, whoever it has written to already; not whom it writes to next.
    var isPreview = false
    let recipients = CampaignRecipientStore()
    let consents = ConsentStore()
    let clinics = ClinicStore()

    /// One of them, with why there is no message.
    struct Sorted: Sendable {
        let candidate: CampaignCandidate
        let leftOut: LeftOut?

        /// The same of a campaign that was stopped: nobody is written to any more.
        var ofStopped: Sorted { Sorted(candidate: candidate, leftOut: leftOut ?? .campaignStopped) }
    }

    /// The next so many, and the place after them.
    func run(
        _ record: CampaignRecord, from place: CampaignPlace, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> (sorted: [Sorted], next: CampaignPlace) {
        var next = place
        let contacts = try recipients.contacts(of: record, after: place.lastContact, limit, &transaction)
        if let last = contacts.last?.contact {
            next.lastContact = last
            return (try sort(contacts, record, before: [], &transaction), next)
        }
        let phones = record.draft.phones
        let batch = phones[min(place.phonesTaken, phones.count)...].prefix(limit)
        next.phonesTaken += batch.count
        next.isEnd = next.phonesTaken >= phones.count
        let written = try clinics.numbers(at: record.draft.clinic, of: record.organisation, in: &transaction)
        let earlier = Set(phones[..<min(place.phonesTaken, phones.count)].compactMap { written.read($0)?.e164 })
        let candidates = batch.map { number in
            CampaignCandidate(number: number, phone: written.read(number).flatMap(WrittenNumbers.mobile))
        }
        let numbers = candidates.compactMap { $0.phone?.e164 }
        let named = try recipients.named(by: record, among: numbers, &transaction)
        return (try sort(candidates, record, before: earlier.union(named), &transaction), next)
    }

    private func sort(
        _ candidates: [CampaignCandidate], _ record: CampaignRecord, before: Set<String>,
        _ transaction: inout PostgresTransaction
    ) throws -> [Sorted] {
        let numbers = candidates.compactMap { $0.phone?.e164 }
        guard !candidates.isEmpty else { return [] }
        let decisions = try consents.decisions(of: numbers, in: record.organisation, &transaction)
        var seen = before
        // A number may have gone from one contact to another since the one was written to.
        if !isPreview {
            seen.formUnion(try recipients.written(by: record.campaign.id, among: numbers, &transaction))
        }
        return candidates.map { candidate in
            let number = candidate.phone?.e164 ?? ""
            let leftOut = candidate.leftOut(agreed: decisions[number], wasThereBefore: seen.contains(number))
            if !number.isEmpty { seen.insert(number) }
            return Sorted(candidate: candidate, leftOut: leftOut)
        }
    }
}
