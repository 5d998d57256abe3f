/// Migrations are numbered without gaps, and each file is in the list that is applied.
enum Migrations {
    /// `files` are the names in a `Migrations` folder, `code` the sources of the target that embeds it.
    static func breaches(in folder: String, files: [String], code: [SourceFile]) -> [Breach] {
        let lines = code.flatMap(\.code)
        return files.sorted().enumerated().flatMap { index, file -> [Breach] in
            let number = String(repeating: "0", count: max(0, 4 - "\(index + 1)".count)) + "\(index + 1)"
            let constant = "PackageResources." + embeddedName(file)
            return [
                file.hasPrefix("\(number)-") && file.hasSuffix(".sql")
                    ? nil : Breach("\(folder)/\(file)", "should be named \(number)-….sql"),
                lines.contains { contains(constant, in: $0) }
                    ? nil : Breach("\(folder)/\(file)", "is in no list: \(constant) is not used"),
            ].compactMap(\.self)
        }
    }

    /// The constant SwiftPM makes of an embedded file: a name cannot start with a digit nor hold other signs.
    static func embeddedName(_ file: String) -> String {
        let name = file.map { isNamePart($0) ? $0 : "_" }
        return (name.first?.isNumber == true ? "_" + String(name.dropFirst()) : String(name))
    }
}
