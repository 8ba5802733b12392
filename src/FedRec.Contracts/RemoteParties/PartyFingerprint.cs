using System.Security.Cryptography;

namespace FedRec.Contracts.RemoteParties;

/// <summary>A public key in words that two people can compare on the telephone: eight words for the first 64 bits of the key's SHA-256.</summary>
/// <remarks>64 bits are enough, as whoever wants another key with the same words has to find a second one for a given one, after the code has been handed over and before it is used.</remarks>
public static class PartyFingerprint
{
    private const int Words = 8;

    private static readonly string[] s_words = """
        acid acorn actor agent album alley amber angel apple april apron arena armor arrow atlas attic
        audio award bacon badge baker balmy bamboo banjo barley basin basket beach beaver bench berry bishop
        bison blade blanket bonus border bottle bowl branch bread brick bridge broom brush bucket budget bugle
        butter button cabin cable cactus camel camera canal candle canyon carbon cargo carpet castle cedar cello
        chalk cherry chess chief circle citrus clover cobra cocoa comet copper coral cotton cousin crane crayon
        crystal cube cuff cycle daisy dancer decade delta denim desert diesel dinner doctor dolphin donkey double
        dragon drawer drum eagle early easel echo elbow ember engine fabric falcon famine feather fender ferry
        fiddle finger flame flute forest fossil fox frozen galaxy garden garlic gecko giant ginger glacier globe
        gorilla grain grape gravel guitar hammer harbor harvest hazel helmet hermit hollow honey hornet hotel humble
        ice igloo indigo insect island ivory jacket jaguar jasmine jelly jersey jewel jungle junior kayak kernel
        kettle kingdom kitten koala ladder lagoon lantern lava lemon leopard library lily linen lizard lobster lotus
        lumber magnet mango maple marble meadow melon mentor meteor mirror monkey moss motor muffin museum mustard
        napkin nectar needle nephew nickel noble noodle north novel nugget oasis ocean olive onion opera orange
        orbit orchid otter oyster paddle palace panda paper parrot peach pebble pencil pepper piano pigeon pilot
        planet plum pocket poem polar pony pottery puzzle quartz rabbit radar radish raven ribbon river robin
        rocket saddle salmon sandal satin sheriff silver sketch spider spiral summer sunset tango temple tiger tomato
        """.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries); // 256, one for each byte

    /// <summary>The words, with dashes between them.</summary>
    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    public static string Of(ReadOnlySpan<byte> publicKey) => string.Join('-', SHA256.HashData(publicKey).Take(Words).Select(one => s_words[one]));
}
