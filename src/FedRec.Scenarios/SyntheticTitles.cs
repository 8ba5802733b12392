using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>Names for synthetic items: a title from the words of its theme, and theme and niche as tags.</summary>
internal static class SyntheticTitles
{
    private static readonly (string Name, string[] Niches, string[] Nouns)[] s_themes =
    [
        ("Science fiction", ["Space opera", "Time travel", "First contact", "Robots", "Dystopia", "Deep future"], ["Orbit", "Signal", "Starship", "Machine", "Colony", "Comet", "Engine", "Horizon"]),
        ("Mystery", ["Village mystery", "Locked room", "Police procedural", "Private eye", "Courtroom", "Art theft"], ["Alibi", "Witness", "Cipher", "Portrait", "Verdict", "Footprint", "Letter", "Inspector"]),
        ("Romance", ["Second chances", "Summer love", "Rivals to lovers", "Regency", "Pen friends", "Workplace"], ["Promise", "Dance", "Wedding", "Secret", "Bouquet", "Season", "Kiss", "Neighbour"]),
        ("Fantasy", ["Dragons", "Court intrigue", "Witchcraft", "Quest", "Fairy tale", "Sea magic"], ["Crown", "Sorcerer", "Dragon", "Oath", "Tower", "Talisman", "Forest", "Prophecy"]),
        ("History", ["Ancient world", "Age of sail", "Court and crown", "Industry", "Wartime letters", "Explorers"], ["Empire", "Treaty", "Voyage", "Cathedral", "Regiment", "Merchant", "Archive", "Rebellion"]),
        ("Nature", ["Birds", "Mountains", "Oceans", "Gardens", "Polar", "Forest life"], ["River", "Heron", "Glacier", "Meadow", "Reef", "Orchard", "Wolf", "Tide"]),
        ("Cookery", ["Baking", "Street food", "Vegetarian", "Preserves", "Family table", "Fermentation"], ["Kitchen", "Loaf", "Harvest", "Spice", "Table", "Feast", "Pantry", "Stove"]),
        ("Travel", ["By train", "On foot", "Islands", "Cities", "Deserts", "Night journeys"], ["Road", "Harbour", "Railway", "Passport", "Island", "Caravan", "Compass", "Bridge"]),
        ("Music", ["Jazz", "Opera", "Folk", "Orchestra", "Studio stories", "Piano"], ["Melody", "Quartet", "Chorus", "Violin", "Overture", "Rhythm", "Ballad", "Encore"]),
        ("Thriller", ["Espionage", "Heist", "Survival", "Conspiracy", "Submarine", "Pursuit"], ["Agent", "Deadline", "Border", "Hostage", "Dossier", "Escape", "Vault", "Protocol"]),
        ("Comedy", ["Family chaos", "Office farce", "Small town", "Mistaken identity", "Satire", "Road trip"], ["Cousin", "Landlord", "Parrot", "Picnic", "Mayor", "Reunion", "Uncle", "Holiday"]),
        ("Science", ["Astronomy", "Brain and mind", "Mathematics", "Chemistry", "Evolution", "Inventions"], ["Theory", "Experiment", "Atom", "Proof", "Telescope", "Fossil", "Pattern", "Notebook"]),
    ];

    private static readonly string[] s_adjectives = ["Silent", "Last", "Golden", "Hidden", "Restless", "Distant", "Broken", "Crimson", "Patient", "Wandering", "Borrowed", "Quiet", "Midnight", "Forgotten", "Little", "Unlikely", "Northern", "Silver", "Paper", "Long", "Second", "Secret", "Winter", "Bright"];
    private static readonly string[] s_places = ["Alderney", "Brennholm", "Carrow Bay", "Duskmere", "Eastwick", "Fernhill", "Glass Street", "Highmoor", "Ironbridge", "Juniper Lane", "Kestrel Point", "Larkspur"];

    /// <summary>Themes there are words for.</summary>
    public static int ThemeCount => s_themes.Length;

    /// <summary>Niches there are words for, in each theme.</summary>
    public const int NichesPerTheme = 6;

    /// <summary>A title for each item, all different.</summary>
    public static string[] Create(TasteModel taste, ulong seed)
    {
        var random = SeedSequence.For(seed, "synthetic-titles");
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        var titles = new string[taste.ItemCount];
        for (var item = 0; item < titles.Length; item++)
        {
            var title = Draw(s_themes[taste.ThemeOf(item)].Nouns, ref random);
            var part = used[title] = used.GetValueOrDefault(title) + 1;
            titles[item] = part == 1 ? title : $"{title}, Part {part}";
        }

        return titles;
    }

    /// <summary>The item's theme and niche.</summary>
    public static IReadOnlyList<string> Tags(TasteModel taste, int item)
    {
        var theme = s_themes[taste.ThemeOf(item)];
        return [theme.Name, theme.Niches[taste.NicheOf(item) % taste.NichesPerTheme]];
    }

    private static string Draw(string[] nouns, ref SeededRandom random)
    {
        var noun = nouns[random.NextInt32(nouns.Length)];
        var adjective = s_adjectives[random.NextInt32(s_adjectives.Length)];
        var place = s_places[random.NextInt32(s_places.Length)];
        return random.NextInt32(4) switch
        {
            0 => $"The {adjective} {noun}",
            1 => $"The {noun} of {place}",
            _ => $"The {adjective} {noun} of {place}",
        };
    }
}
