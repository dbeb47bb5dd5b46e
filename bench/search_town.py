"""Doctors invented in the control database, as many as are asked for, in seconds: set by set, all of them listed."""

from typing import Any

FIRST = """
    Aarti Abha Aditi Ajay Akash Akhil Alka Amit Amrita Anand Ananya Anil Anita Anjali Ankit Anu Aparna Archana Arjun
    Arun Arvind Asha Ashok Ashwin Avinash Bala Bharat Bhavna Chandan Chitra Damini Deepa Deepak Devika Dinesh Divya
    Esha Farida Ganesh Gauri Gayatri Geeta Girish Gopal Govind Harish Harsha Hema Hemant Ila Indira Irfan Isha Jagdish
    Janaki Jaya Jayant Jyoti Kailash Kalpana Kamala Karthik Kavita Kedar Keshav Kiran Kishore Komal Krishna Kumar
    Lakshmi Lalita Lata Leela Madhavi Madhuri Mahesh Mala Malini Manish Manju Manoj Maya Meena Meera Mohan Mukesh
    Nalini Nandini Narayan Naveen Neha Nikhil Nilima Nirmala Nisha Nitin Padma Pallavi Pankaj Parvati Prabha Pradeep
    Prakash Pramod Prasad Preeti Priya Pushpa Radha Raghav Rahul Rajesh Rakesh Ramesh Rani Ravi Rekha Renuka Ritu
    Rohan Rohini Roshni Sachin Sadhana Sameer Sandhya Sanjay Sarala Sarita Savita Seema Shankar Sharada Shashi Shilpa
    Shobha Shyam Sita Smita Sneha Sonal Subhash Sudha Suman Sunil Sunita Suresh Sushila Swati Tara Tejas Trupti Uday
    Uma Urmila Usha Vandana Varsha Vasant Veena Vidya Vijay Vikram Vimala Vinod Vishal Vivek Yamini Yash Yogesh Zarina
""".split()  # noqa: SIM905 - read as a paragraph
LAST = """
    Sharma Patel Rao Reddy Nair Iyer Singh Kumar Gupta Joshi Kulkarni Deshmukh Patil Shah Mehta Desai Jadhav Pawar
    Shinde More Chavan Gaikwad Bhosale Kadam Naik Hegde Shetty Kamath Bhat Pai Acharya Menon Pillai Kurup Varma
    Warrier Namboothiri Nambiar Panicker Thampi Krishnan Raman Subramanian Venkataraman Srinivasan Sundaram Natarajan
    Mudaliar Chettiar Gounder Naidu Chowdary Raju Murthy Sastry Prasad Rana Chauhan Rathore Solanki Parmar Trivedi
    Dave Pandya Vyas Bhatt Jani Thakkar Modi Gandhi Parekh Kapadia Lakhani Banerjee Mukherjee Chatterjee Ganguly Bose
    Ghosh Dutta Sen Das Roy Mitra Biswas Saha Majumdar Bhattacharya Chakraborty Kalita Baruah Gogoi Hazarika Bora
    Saikia Mohanty Mishra Panda Patnaik Sahu Behera Nayak Swain Rout Tripathi Pandey Tiwari Dubey Shukla Dwivedi
    Chaturvedi Upadhyay Srivastava Verma Saxena Mathur Bhatnagar Agarwal Bansal Goyal Mittal Garg Jain Kapoor Khanna
    Malhotra Chopra Bedi Gill Dhillon Sandhu Grewal Sidhu Bajwa Kaur Dhar Kaul Raina Zutshi Koul Bhan Wani Mir Lone
    Khan Ansari Siddiqui Qureshi Sheikh Pathan Fernandes DSouza Pinto Rebello Lobo Mascarenhas Kamat Prabhu Shenoy
    Mallya Baliga Rai Thapa Gurung Tamang Rawat Negi Bisht Bhandari Joshua Mathew Thomas Varghese Kurian Cherian
    Philip Oommen Kuriakose Zachariah Ninan Eapen
""".split()  # noqa: SIM905 - read as a paragraph
CITIES = """
    Mumbai Delhi Bengaluru Hyderabad Ahmedabad Chennai Kolkata Pune Jaipur Surat Lucknow Kanpur Nagpur Indore Thane
    Bhopal Visakhapatnam Patna Vadodara Ghaziabad Ludhiana Agra Nashik Faridabad Meerut Rajkot Varanasi Srinagar
    Aurangabad Dhanbad Amritsar Prayagraj Ranchi Howrah Coimbatore Jabalpur Gwalior Vijayawada Jodhpur Madurai Raipur
    Kota Chandigarh Guwahati Solapur Hubballi Mysuru Tiruchirappalli Bareilly Aligarh Tiruppur Moradabad Jalandhar
    Bhubaneswar Salem Warangal Guntur Bhiwandi Saharanpur Gorakhpur Bikaner Amravati Noida Jamshedpur Bhilai Cuttack
    Firozabad Kochi Nellore Bhavnagar Dehradun Durgapur Asansol Rourkela Nanded Kolhapur Ajmer Akola Kalaburagi
    Jamnagar Ujjain Loni Siliguri Jhansi Ulhasnagar Jammu Sangli Mangaluru Erode Belagavi Ambattur Tirunelveli
    Malegaon Gaya Jalgaon Udaipur Maheshtala Davanagere Kozhikode Kurnool Rajpur Rajahmundry Bokaro Ballari Patiala
    Agartala Bhagalpur Muzaffarnagar Bhatpara Latur Dhule Rohtak Korba Bhilwara Berhampur Muzaffarpur Ahmednagar
    Mathura Kollam Avadi Kadapa Kamarhati Sambalpur Bilaspur Shahjahanpur Satara Vijayapura Rampur Shivamogga
    Chandrapur Junagadh Thrissur Alwar Bardhaman Kulti Kakinada Nizamabad Parbhani Tumakuru Khammam Ozhukarai Panipat
    Darbhanga Panihati Aizawl Dewas Ichalkaranji Karnal Bathinda Jalna Eluru Barasat Purnia Satna Mau Sonipat
    Farrukhabad Sagar Durg Imphal Ratlam Hapur Arrah Anantapur Karimnagar Etawah Ambernath Bharatpur Begusarai
    Gandhidham Baranagar Puducherry Sikar Thoothukudi Rewa Mirzapur Raichur Pali Ramagundam Haridwar Vizianagaram
    Palakkad Nadiad Katihar Tezpur Alappuzha Kottayam Kannur Panaji Shimla Leh Gangtok Itanagar Kohima
""".split()  # noqa: SIM905 - read as a paragraph
# How many of a hundred doctors speak it; the rest of the 22 languages of the constitution are rarer still.
LANGUAGES = {
    "hi": 45, "en": 60, "bn": 9, "mr": 9, "te": 8, "ta": 7, "gu": 6, "ur": 5, "kn": 5, "or": 4, "ml": 4,
    "pa": 3, "as": 2, "mai": 1.5, "sat": 0.8, "ks": 0.8, "ne": 0.6, "sd": 0.5, "kok": 0.5, "doi": 0.4, "mni": 0.3,
    "brx": 0.3, "sa": 0.3,
}  # fmt: skip

# Where chance is skewed, it is by a power: the first of a list are many, the last few. :doctors a clinic, about ten.
TOWN = """
    SET session_replication_role = replica; -- nothing here refers to what is not there
    SELECT setseed(0.5);
    CREATE TEMP TABLE word_of AS
        SELECT said, words_of(said) AS words FROM (
            SELECT unnest(array[{first}]) UNION SELECT unnest(array[{last}]) UNION SELECT unnest(array[{cities}])
            UNION SELECT unnest(array['Ayurveda', 'Chikitsalaya', 'Arogya', 'Kendra', 'Vaidyashala', 'Clinic'])
        ) w(said);
    CREATE TEMP TABLE place AS
        SELECT uuidv7() AS id, n,
            (array[{cities}])[1 + (cardinality(array[{cities}]) * power(random(), 1.6))::int % {many_cities}] AS city,
            (array[{last}])[1 + (random() * 1e6)::int % {many_last}] AS named,
            (array['Ayurveda', 'Chikitsalaya', 'Arogya', 'Kendra', 'Vaidyashala', 'Clinic'])[1 + n % 6] AS kind
        FROM generate_series(1, {doctors} / 10) n;
    INSERT INTO clinics (id, slug, name, address, city, state, phone, database, open_since)
        SELECT id, 'bench-' || n, named || ' ' || kind, '', city, '', '', 'bench_' || n, now() FROM place;
    CREATE TEMP TABLE person AS
        SELECT uuidv7() AS id, n,
            (array[{first}])[1 + ({many_first} * power(random(), 1.5))::int % {many_first}] AS first,
            (array[{last}])[1 + ({many_last} * power(random(), 2))::int % {many_last}] AS last,
            (array['female', 'male', 'female', 'male', 'female', 'male', 'female', 'male', 'other'])
                [1 + (random() * 1e6)::int % CASE WHEN random() < 0.05 THEN 9 ELSE 8 END] AS gender,
            1975 + (random() * 48)::int AS since,
            array(SELECT code FROM specialties WHERE n > 0 ORDER BY position * power(random(), 1.3)
                LIMIT 1 + (random() * 1.4)::int) AS specialties,
            array(SELECT code FROM unnest(array[{codes}], array[{shares}]::float[]) l(code, share)
                WHERE n > 0 ORDER BY ln(1.000001 - random()) / share DESC LIMIT 1 + (random() * 2)::int) AS languages
        FROM generate_series(1, {doctors}) n;
    INSERT INTO accounts (id, name) SELECT id, 'Dr ' || first || ' ' || last FROM person;
    INSERT INTO doctors (id, name, gender, qualifications, council, registration_no, practising_since, languages,
            specialties, about, verified_at, state)
        SELECT id, 'Dr ' || first || ' ' || last, gender, 'BAMS', 'Bench Council', 'B' || n, since, languages,
            specialties, 'Listens first, explains in plain words, and writes down what was agreed.', now(), 'verified'
        FROM person;
    ANALYZE word_of, place, person;
    CREATE TEMP TABLE works AS
        SELECT DISTINCT d.id AS doctor_id, p.id AS clinic_id, p.named, p.kind, p.city
        FROM person d CROSS JOIN generate_series(0, CASE WHEN d.n % 5 = 0 THEN 1 ELSE 0 END) again
        JOIN place p ON p.n = 1 + (d.n * 7 + again * 131) % ({doctors} / 10);
    INSERT INTO listings (doctor_id, clinic_id, times_as_of) SELECT doctor_id, clinic_id, now() FROM works;
    CREATE TEMP TABLE offer AS
        SELECT doctor_id, clinic_id, mode, minutes, fee * 100 * (10 + (random() * 90)::int) AS fee_paise,
            CASE WHEN random() < 0.97 THEN date_trunc('hour', now()) + interval '1 hour'
                + interval '10 min' * (2000 * power(random(), 2))::int ELSE 'infinity' END AS next_free_at
        FROM works, (VALUES ('video', 20, 10, 0.75), ('in_person', 20, 10, 0.9), ('home_visit', 45, 25, 0.1))
            m(mode, minutes, fee, share)
        WHERE random() < CASE WHEN doctor_id IS NOT NULL THEN share END; -- asked anew for each
    ANALYZE works, offer;
    CREATE TEMP TABLE tag AS
        SELECT d.id AS doctor_id, 'name:' || unnest(w.words) AS tag FROM person d CROSS JOIN LATERAL
            unnest(array[first, last]) called JOIN word_of w ON w.said = called
        UNION ALL SELECT id, 'gender:' || gender FROM person
        UNION ALL SELECT id, 'specialty:' || unnest(specialties) FROM person
        UNION ALL SELECT id, 'language:' || unnest(languages) FROM person
        UNION ALL SELECT doctor_id, 'mode:' || mode FROM offer
        UNION ALL SELECT doctor_id, 'place:' || unnest(p.words) FROM works w JOIN word_of p ON p.said = w.named
        UNION ALL SELECT doctor_id, 'place:' || unnest(p.words) FROM works w JOIN word_of p ON p.said = w.kind
        UNION ALL SELECT doctor_id, 'place:' || unnest(p.words) FROM works w JOIN word_of p ON p.said = w.city;
    INSERT INTO directory_entries (doctor_id, practising_since, tags)
        SELECT d.id, d.since, t.tags
        FROM (SELECT doctor_id, array_agg(DISTINCT tag) AS tags FROM tag GROUP BY doctor_id) t
        JOIN person d ON d.id = t.doctor_id WHERE d.id IN (SELECT doctor_id FROM offer);
    INSERT INTO listing_offers (doctor_id, clinic_id, mode, minutes, fee_paise, next_free_at, live, practising_since,
            tags)
        SELECT doctor_id, clinic_id, mode, minutes, fee_paise, next_free_at, true, e.practising_since, e.tags
        FROM offer JOIN directory_entries e USING (doctor_id);
    INSERT INTO search_words AS w (kind, word, doctors)
        SELECT split_part(tag, ':', 1), split_part(tag, ':', 2), count(*) FROM (
            SELECT unnest(tags) AS tag FROM directory_entries WHERE doctor_id IN (SELECT id FROM person)) t
        GROUP BY tag
        ON CONFLICT (kind, word) DO UPDATE SET doctors = w.doctors + excluded.doctors;
    SET session_replication_role = origin;
"""
FILLED = ["accounts", "doctors", "clinics", "listings", "listing_offers", "directory_entries", "search_words"]
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
    WHERE indrelid = ANY($1::text[]::regclass[]) AND NOT indisunique
"""


async def settle(connection: Any, doctors: int) -> None:
    """The owner's connection to a control database. Afterwards it is as tidy as after a night of autovacuum."""
    words = {
        name: ", ".join(f"'{word}'" for word in many)
        for name, many in {"first": FIRST, "last": LAST, "cities": CITIES, "codes": LANGUAGES}.items()
    }
    indexes = await connection.fetch(INDEXES, FILLED)  # made at once afterwards, which is five times as quick
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    await connection.execute(
        TOWN.format(
            **words,
            doctors=doctors,
            shares=", ".join(map(str, LANGUAGES.values())),
            many_first=len(FIRST),
            many_last=len(LAST),
            many_cities=len(CITIES),
        )
    )
    for index in indexes:
        await connection.execute(index["made"])
    await connection.execute(f"VACUUM (ANALYZE) {', '.join(FILLED)}")
